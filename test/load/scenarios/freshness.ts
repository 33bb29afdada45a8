import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type BenchRun, type Findings, findProblems, makeFolder, type Scenario } from '../bench-run.ts';
import { startRatedLoadDriver } from '../children.ts';
import { AT_RATE } from '../loads.ts';
import { drive } from '../measure.ts';
import { spreadOf, writeSpread } from '../report.ts';
import { type Caller, sameShapeChat } from '../requests.ts';
import { writeTable } from '../table.ts';
import { startWithLedger, type Target } from '../targets.ts';
import type { WorkerdProcess } from '../workerd-process.ts';

const RATE = 1_000;
const [SECONDS, QUICK_SECONDS] = [15, 6];
const LOOK_EVERY_MS = 250;
/** By then all that was sent before is counted. */
const PAUSE_MS = 5_000;
const LATEST_MS = 30_000;

const usage = z.object({ data: z.array(z.object({ value: z.number() })), asOf: z.iso.datetime() });

/** How far behind the metrics are at 1,000 requests a second of one tenant, with the real ledger and PostgreSQL. */
export const freshness: Scenario = { name: 'freshness', isLong: true, run: measureFreshness };

async function measureFreshness(run: BenchRun): Promise<Findings> {
  await using started = new AsyncDisposableStack();
  const server = started.adopt(await startWithLedger(run.context, makeFolder(run.context, 'freshness')), (it) =>
    it.close(),
  );
  const driver = started.adopt(startRatedLoadDriver(), (it) => it.close());
  const { tenant } = run.context;
  const target: Target = {
    name: 'freshness',
    start: async () => server,
    request: (pace) => sameShapeChat(pace, [tenant]),
  };
  const of = { target, server };
  await look(server, tenant); // so that the tenant is known
  await drive(driver, of, run.context, { ...AT_RATE, rate: RATE, amount: RATE }); // and the code compiled
  await sleep(PAUSE_MS);
  const before = (await look(server, tenant)).count;

  const amount = RATE * (run.isQuick ? QUICK_SECONDS : SECONDS);
  const behind: number[] = [];
  let isSending = true;
  const sending = drive(driver, of, run.context, { ...AT_RATE, rate: RATE, amount }).finally(() => {
    isSending = false;
  });
  while (isSending) {
    run.stop.throwIfAborted();
    behind.push((await look(server, tenant)).behindMs);
    await sleep(LOOK_EVERY_MS);
  }
  const { requestsPerSecond, failed } = await sending;
  const endedAt = Date.now();
  let counted = 0;
  while (counted < amount && Date.now() - endedAt < LATEST_MS) {
    counted = (await look(server, tenant)).count - before;
    await sleep(50);
  }
  const allAfterMs = Date.now() - endedAt;
  const isExact = counted === amount;
  return {
    details: { requestsPerSecond, behind, allAfterMs, counted, amount },
    problems: [
      ...findProblems([], [of]),
      ...(failed > 0 ? [`${failed} requests failed`] : []),
      ...(isExact ? [] : [`${counted} requests are in the metrics, of ${amount}`]),
    ],
    tables: [
      writeTable(
        ['requests/s', 'metrics are behind by, ms', 'all are in them after the last, ms'],
        [[requestsPerSecond.toFixed(0), writeSpread(spreadOf(behind), 0), `${allAfterMs}`]],
      ),
    ],
  };
}

async function look({ url }: WorkerdProcess, { tenantId, apiKey }: Caller) {
  const headers = { 'x-tenant-id': tenantId, 'x-api-key': apiKey };
  const response = await fetch(`${url}/v1/metrics/usage?granularity=day`, { headers });
  if (!response.ok) throw new Error(`the metrics answer ${response.status}: ${await response.text()}`);
  const { data, asOf } = usage.parse(await response.json());
  return { count: data.reduce((sum, { value }) => sum + value, 0), behindMs: Date.now() - Date.parse(asOf) };
}
