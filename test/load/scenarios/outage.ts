import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type BenchRun, type Findings, makeFolder, type Scenario } from '../bench-run.ts';
import { describeLatencies } from '../load.ts';
import { type Caller, MODEL } from '../requests.ts';
import { writeTable } from '../table.ts';
import { startProduct } from '../targets.ts';
import { OUTAGE_BEGINS, OUTAGE_ENDS, OUTAGE_PATH } from '../upstream-answers.ts';

const [FIRST, SECOND] = ['first', 'second'];
const CLIENTS = 8;
const [SECONDS, QUICK_SECONDS] = [10, 3];
/** A breaker probes every thirty seconds, so this is later than the first probe after the outage. */
const RECOVERY_MS = 60_000;
const LOOK_EVERY_MS = 250;

const answered = z.object({
  routing: z.object({ candidates: z.array(z.object({ account: z.string().nullable(), status: z.string() })) }),
});

/** What clients saw in a span of time. */
interface Phase {
  readonly name: string;
  readonly requests: number;
  readonly failed: number;
  readonly bySecond: number;
  readonly p50: number;
  readonly p95: number;
}

/** A provider goes down under load and comes back, and a policy has another one: what its clients see of it. */
export const outage: Scenario = { name: 'outage', isLong: true, run: measureOutage };

async function measureOutage(run: BenchRun): Promise<Findings> {
  await using started = new AsyncDisposableStack();
  const { context } = run;
  const { upstream } = context;
  const accounts = [
    { label: FIRST, baseUrl: `${upstream.url}${OUTAGE_PATH}v1` },
    { label: SECOND, baseUrl: `${upstream.url}/v1` },
  ];
  const candidates = accounts.map(({ label: account }) => ({ provider: 'openai', model: MODEL, account }));
  const strategy = { strategy: 'priority', candidates };
  const spec = { keys: 1, rules: { count: 2, isMatching: true }, accounts, strategy };
  const [caller] = (await context.createTenants([spec])).flat();
  if (!caller) throw new Error('no tenant was made');
  const server = await startProduct(context, makeFolder(context, 'outage'));
  started.defer(() => server.close());
  const ask = () => send(server.url, caller);
  const seconds = run.isQuick ? QUICK_SECONDS : SECONDS;
  const put = (path: string) => fetch(upstream.url + path, { method: 'PUT', body: '' });

  await load('warm-up', seconds / 2, ask, run.stop);
  const phases = [await load('before', seconds, ask, run.stop)];
  await put(OUTAGE_BEGINS);
  phases.push(await load('during', seconds, ask, run.stop));
  await put(OUTAGE_ENDS);
  const endedAt = performance.now();
  phases.push(await load('right after', seconds, ask, run.stop));
  while ((await ask()).servedBy !== FIRST && performance.now() - endedAt < RECOVERY_MS) await sleep(LOOK_EVERY_MS);
  const recoveredMs = performance.now() - endedAt;
  phases.push(await load('recovered', seconds, ask, run.stop));

  const [, during] = phases;
  return {
    details: { phases, recoveredMs },
    problems: [
      ...phases.flatMap(({ name, failed }) => (failed > 0 ? [`${failed} requests failed ${name}`] : [])),
      ...(during?.bySecond === during?.requests ? [] : ['the second provider did not serve all of the outage']),
      ...(recoveredMs < RECOVERY_MS ? [] : ['the first provider does not serve again']),
    ],
    tables: [
      writeTable(
        ['outage', 'requests', 'failed', 'error rate', 'by the second', 'p50 ms', 'p95 ms'],
        phases.map(({ name, requests, failed, bySecond, p50, p95 }) => [
          ...[name, `${requests}`, `${failed}`, `${((failed / requests) * 100).toFixed(2)} %`],
          ...[`${((bySecond / requests) * 100).toFixed(1)} %`, p50.toFixed(1), p95.toFixed(1)],
        ]),
      ),
      `the first provider serves again ${(recoveredMs / 1000).toFixed(1)} s after its outage`,
    ],
  };
}

async function load(name: string, seconds: number, ask: () => Promise<Answer>, stop: AbortSignal): Promise<Phase> {
  const latencies: number[] = [];
  let [failed, bySecond] = [0, 0];
  const startedAt = performance.now();
  const client = async () => {
    while (performance.now() - startedAt < seconds * 1_000) {
      stop.throwIfAborted();
      const sentAt = performance.now();
      const { isOk, servedBy } = await ask();
      latencies.push(performance.now() - sentAt);
      if (!isOk) failed += 1;
      if (servedBy === SECOND) bySecond += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const { p50, p95 } = describeLatencies(latencies, performance.now() - startedAt);
  return { name, requests: latencies.length, failed, bySecond, p50, p95 };
}

interface Answer {
  readonly isOk: boolean;
  /** The label of the account; null: nobody served. */
  readonly servedBy: string | null;
}

async function send(url: string, { tenantId, apiKey }: Caller): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'x-tenant-id': tenantId, 'x-api-key': apiKey };
  const body = JSON.stringify({ input: 'Say hello.' });
  const response = await fetch(`${url}/v1/orchestrate`, { method: 'POST', headers, body });
  const text = await response.text();
  if (!response.ok) return { isOk: false, servedBy: null };
  const { candidates } = answered.parse(JSON.parse(text)).routing;
  return { isOk: true, servedBy: candidates.find(({ status }) => status === 'served')?.account ?? null };
}
