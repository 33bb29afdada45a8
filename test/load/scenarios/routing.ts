import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { orchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import { CANDIDATES_MAX } from '../../../shared/contracts/http/routing-strategy.ts';
import type { Candidate } from '../../../shared/domain/routing/candidate.ts';
import type { Route } from '../../../shared/domain/routing/route-request.ts';
import { decide, type RoutedInput } from '../../../workers/gateway/pipeline/choose-route.ts';
import { compiledPolicy } from '../../../workers/gateway/pipeline/compiled-policies.ts';
import { ProviderHealth } from '../../../workers/gateway/pipeline/provider-health.ts';
import { toTask } from '../../../workers/gateway/pipeline/task.ts';
import { ENVIRONMENT } from '../../harness/admission-tenant.ts';
import { account, offer, policyWith, routingTenant } from '../../harness/routing-tenant.ts';
import { seededRandom } from '../../harness/seeded-random.ts';
import type { BenchRun, Findings, Scenario } from '../bench-run.ts';
import { describeLatencies } from '../load.ts';
import { writeTable } from '../table.ts';

const NOW = 1_763_780_000_000;
/** Requests that are decided on, each several times: what interrupts most of these does not interrupt the shortest. */
const REQUESTS = 2_000;
const [RUNS, QUICK_RUNS] = [25, 9];
/** Decisions before those that count: until its code is compiled, what one takes is no decision's. */
const WARM_UP = 10_000;
/** Calls of each candidate that its performance is told by. */
const CALLS_KNOWN = 64;
/** What the runtime saw of collecting garbage is told some turns later. */
const TOLD_LATER_MS = 50;
/** About so many turns of a loop take a microsecond. */
const SPINS_PER_US = 700;

const STRATEGIES: readonly { readonly strategy: string; readonly stickyBy?: string; readonly sla?: object }[] = [
  { strategy: 'priority' },
  { strategy: 'weighted' },
  { strategy: 'weighted', stickyBy: 'prompt' },
  { strategy: 'cost' },
  { strategy: 'cost', stickyBy: 'prompt' },
  { strategy: 'latency' },
  { strategy: 'sla', sla: { p95Ms: 100 } },
];

/** Microseconds of CPU. */
interface Times {
  /** Of each request's shortest run. */
  readonly p50: number;
  readonly p99: number;
  /** A run's share of collecting garbage, which the shortest leave out. */
  readonly garbage: number;
  /** Of all runs, with everything that came in between. */
  readonly runs: { readonly p50: number; readonly p99: number };
}

/**
 * What CPU a decision among as many candidates as a policy may have costs, by strategy: in this process, by the code, the
 * facts and the health that the gateway has. A decision differs from another by its request, and a run of it from another
 * run by what interrupts the process: so each request is decided on several times, and the shortest run counts. A loop that
 * decides nothing tells what the machine does to runs.
 */
export const routing: Scenario = { name: 'routing', run: measureRouting };

async function measureRouting({ isQuick, stop }: BenchRun): Promise<Findings> {
  const runs = isQuick ? QUICK_RUNS : RUNS;
  const rows: ({ readonly strategy: string } & Times)[] = [];
  for (const { strategy, stickyBy, sla } of STRATEGIES) {
    stop.throwIfAborted();
    const subject = deciding({ strategy, ...(stickyBy && { stickyBy }), ...(sla && { sla }) });
    rows.push({ strategy: stickyBy ? `${strategy}, by session` : strategy, ...(await timesOf(runs, subject)) });
  }
  const decisionOf = ({ p99, garbage }: Times) => p99 + garbage;
  const spins = SPINS_PER_US * Math.max(...rows.map(({ p50 }) => p50));
  const loop = await timesOf(runs, { run: () => spin(spins), after: () => {} });
  return {
    counts: { 'µs of a decision, p99': [Math.max(...rows.map(decisionOf))] },
    details: [...rows, { strategy: 'none', ...loop }],
    problems: [],
    tables: [
      writeTable(
        [`among ${CANDIDATES_MAX}, µs of CPU`, 'p50', 'p99', 'garbage', 'p99 with it', 'p50 of runs', 'p99 of runs'],
        [...rows, { strategy: 'a loop as long as the dearest', ...loop }].map((row) => [
          row.strategy,
          ...[row.p50, row.p99, row.garbage, decisionOf(row), row.runs.p50, row.runs.p99].map((us) => us.toFixed(1)),
        ]),
      ),
    ],
  };
}

/** What is measured, and what happens between two runs of it. */
interface Subject<Result> {
  run(request: number): Result;
  after(result: Result): void;
}

/** Decisions by a policy on requests of about a kilobyte, each of a session of its own; calls are noted as they are made. */
function deciding(strategy: object): Subject<Route> {
  const random = seededRandom(5);
  const models = Array.from({ length: CANDIDATES_MAX }, (_, at) => `model-${at}`);
  const policy = policyWith({
    ...strategy,
    rules: [
      {
        when: 'has(metadata.tier) && metadata.tier == "gold"',
        use: { candidates: [{ provider: 'openai', model: 'model-0' }] },
      },
    ],
    candidates: models.map((model, at) => ({ provider: 'openai', model, weight: 1 + (at % 5) })),
  });
  const snapshot = routingTenant({
    providerAccounts: [account('openai', 'main', 'eu')],
    models: models.map((model, at) => ({
      ...offer('openai', model, 1_000_000 + (at % 7), 2_000_000 + (at % 11)),
      contextTokens: 128_000,
    })),
    routingPolicies: [policy],
  });
  const compiled = compiledPolicy(policy, snapshot);
  const health = new ProviderHealth(() => NOW);
  const note = (candidate: Candidate) => {
    const latencyMs = 10 + Math.floor(300 * random());
    health.answered(snapshot.tenantId, candidate, latencyMs);
    health.used(snapshot.tenantId, candidate, null, {
      inputTokens: 1_000,
      cachedInputTokens: Math.floor(1_000 * random()),
    });
  };
  for (const { candidate } of compiled.otherwise.entries)
    for (let call = 0; call < CALLS_KNOWN; call++) note(candidate);
  const world = { now: () => NOW, random, healthOf: (tenantId: string) => health.candidatesOf(tenantId) };
  const inputs = Array.from({ length: REQUESTS }, (_, at) => inputOf(snapshot, at, random));
  return {
    run: (request) => decide(inputs[request] as RoutedInput, [], compiled, world),
    after({ taken: [first] }) {
      if (!first) throw new Error('nothing was decided');
      note(first.candidate);
    },
  };
}

function inputOf(snapshot: RoutedInput['tenant']['snapshot'], at: number, random: () => number): RoutedInput {
  const words = Array.from({ length: 140 }, () => 'abcdefghijkl'.slice(0, 2 + Math.floor(9 * random())));
  const messages = [
    { role: 'system', content: `Answer customer ${at}. ${words.slice(0, 40).join(' ')}` },
    { role: 'user', content: words.slice(40).join(' ') },
  ];
  const request = orchestrateRequest.parse({
    input: { messages, maxOutputTokens: 100 + (at % 900) },
    metadata: { at },
  });
  const task = toTask(request);
  if (!task.ok) throw new Error(task.error.detail);
  return { request, tenant: { snapshot }, environmentId: ENVIRONMENT, task: task.value };
}

/** CPU that the whole process used, which is not the clock's time: others have the machine too. */
async function timesOf<Result>(runs: number, { run, after }: Subject<Result>): Promise<Times> {
  for (let at = 0; at < WARM_UP; at++) after(run(at % REQUESTS));
  const garbage = new GarbageWatch();
  const times = Array.from({ length: REQUESTS }, (): number[] => []);
  for (let round = 0; round < runs; round++) {
    for (const [request, own] of times.entries()) {
      const before = process.cpuUsage();
      const result = run(request);
      const { user, system } = process.cpuUsage(before);
      own.push(user + system);
      after(result);
    }
  }
  const all = describeLatencies(times.flat(), 1);
  const shortest = describeLatencies(
    times.map((own) => Math.min(...own)),
    1,
  );
  return { p50: shortest.p50, p99: shortest.p99, garbage: (await garbage.end()) / (runs * REQUESTS), runs: all };
}

/** What CPU collecting garbage took: of its time by the clock, the share in which the process had the machine. */
class GarbageWatch {
  #us = 0;
  readonly #beganAt = performance.now();
  readonly #cpu = process.cpuUsage();
  readonly #observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) this.#us += duration * 1_000;
  });

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  async end(): Promise<number> {
    const { user, system } = process.cpuUsage(this.#cpu);
    const share = Math.min(1, (user + system) / ((performance.now() - this.#beganAt) * 1_000));
    await sleep(TOLD_LATER_MS);
    this.#observer.disconnect();
    return this.#us * share;
  }
}

/** Takes its time and no memory. */
function spin(times: number): number {
  let sum = 1;
  for (let at = 0; at < times; at++) sum = Math.imul(sum, 31) | 1;
  return sum;
}
