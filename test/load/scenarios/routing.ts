import { CANDIDATES_MAX } from '../../../shared/contracts/http/routing-strategy.ts';
import { STRATEGIES } from '../../../shared/contracts/routing-policy.ts';
import { compilePolicy } from '../../../shared/domain/routing/compile-policy.ts';
import { routeRequest } from '../../../shared/domain/routing/route-request.ts';
import { ProviderHealth } from '../../../workers/gateway/pipeline/provider-health.ts';
import { type RoutingWorld, routingFactsOf } from '../../../workers/gateway/pipeline/routing-facts.ts';
import type { Task } from '../../../workers/gateway/pipeline/task.ts';
import { account, offer, policyWith, routingTenant } from '../../harness/routing-tenant.ts';
import type { BenchRun, Findings, Scenario } from '../bench-run.ts';
import { describeLatencies } from '../load.ts';
import { writeTable } from '../table.ts';

const [DECISIONS, QUICK_DECISIONS] = [100_000, 20_000];
/** About so many turns of a loop take a microsecond. */
const SPINS_PER_US = 700;
/** What a decision takes before its code is compiled is no decision's. */
const WARM_UP = 5_000;

/** Calls of each candidate that its performance is told by. */
const CALLS_KNOWN = 64;

const NOW = 1_763_780_000_000;
const TASK: Task = { kind: 'chat', request: { messages: [{ role: 'user', content: 'hello' }], maxOutputTokens: 100 } };
const PLAIN = { stream: false, metadata: {} };

/**
 * What CPU a decision among as many candidates as a policy may have costs, by strategy: alone, in this process, by the facts
 * and the health that the gateway has. Beside them a loop that decides nothing for as long: what its 99th percentile has
 * more than its median is what interrupts a process on this machine.
 */
export const routing: Scenario = { name: 'routing', run: measureRouting };

async function measureRouting({ isQuick, stop }: BenchRun): Promise<Findings> {
  const names = Array.from({ length: CANDIDATES_MAX }, (_, at) => `model-${at}`);
  const snapshot = routingTenant({
    providerAccounts: [account('openai', 'main', 'eu')],
    models: names.map((model, at) => offer('openai', model, 1 + (at % 7), 2 + (at % 11))),
  });
  const candidates = names.map((model, at) => ({ provider: 'openai', model, weight: 1 + (at % 5) }));
  const health = new ProviderHealth(() => NOW);
  const measured = compilePolicy(policyWith({ candidates }), snapshot, () => () => true).otherwise.entries;
  for (const [at, { candidate }] of measured.entries()) {
    for (let call = 0; call < CALLS_KNOWN; call++) health.answered(snapshot.tenantId, candidate, 10 + at + call);
  }
  const world = (random: number): RoutingWorld => ({
    now: () => NOW,
    random: () => random,
    performanceOf: (tenantId, candidate) => health.performanceOf(tenantId, candidate),
    mayCall: (tenantId, candidate) => health.mayCall(tenantId, candidate),
    cachedShareOf: (tenantId, candidate, session) => health.cachedShareOf(tenantId, candidate, session),
  });
  const rows = STRATEGIES.map((strategy) => {
    stop.throwIfAborted();
    const sla = strategy === 'sla' ? { sla: { p95Ms: 100 } } : {};
    const policy = compilePolicy(policyWith({ strategy, candidates, ...sla }), snapshot, () => () => true);
    const decide = (random: number) => {
      const facts = routingFactsOf(TASK, PLAIN, { snapshot }, world(random));
      return routeRequest({ preferred: [], policy, facts, conditionFacts: facts });
    };
    const random = (at: number) => Math.abs(at % 997) / 997;
    return { strategy, ...timesOf(isQuick, (at) => decide(random(at)).taken.length) };
  });
  const spins = SPINS_PER_US * Math.max(...rows.map(({ p50 }) => p50));
  const idle = timesOf(isQuick, () => spin(spins));
  return {
    counts: { 'µs of a decision, p99': [Math.max(...rows.map(({ p99 }) => p99))] },
    details: [...rows, { strategy: 'none', ...idle }],
    problems: [],
    tables: [
      writeTable(
        [`among ${CANDIDATES_MAX}`, 'p50 µs', 'p99 µs'],
        [...rows, { strategy: 'a loop as long as the dearest, which the machine alone interrupts', ...idle }].map(
          ({ strategy, p50, p99 }) => [strategy, p50.toFixed(1), p99.toFixed(1)],
        ),
      ),
    ],
  };
}

/** CPU of many runs, by what the whole process used; not by the clock, since others have the machine too. */
function timesOf(isQuick: boolean, run: (at: number) => number): { readonly p50: number; readonly p99: number } {
  const times: number[] = [];
  for (let at = -WARM_UP; at < (isQuick ? QUICK_DECISIONS : DECISIONS); at++) {
    const before = process.cpuUsage();
    const result = run(at);
    const { user, system } = process.cpuUsage(before);
    if (result === 0) throw new Error('nothing was decided');
    if (at >= 0) times.push(user + system);
  }
  const { p50, p99 } = describeLatencies(times, 1);
  return { p50, p99 };
}

/** Takes its time and no memory. */
function spin(times: number): number {
  let sum = 1;
  for (let at = 0; at < times; at++) sum = Math.imul(sum, 31) | 1;
  return sum;
}
