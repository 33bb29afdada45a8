import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchRun, type Findings, findProblems, makeFolder, type Scenario } from '../bench-run.ts';
import { callsOf, countsPerRequest, type GateCounts, readGateCounts } from '../gate-counts.ts';
import { type LoadSpec, SYNC, SYNC_20MS } from '../loads.ts';
import { amountFor, drive, type Running } from '../measure.ts';
import { spreadOf, writeSpread } from '../report.ts';
import { sameShapeChat } from '../requests.ts';
import { measureSettleRates, ONE_BY_ONE, type SettleRates } from '../settle-rates.ts';
import { writeTable } from '../table.ts';
import { startCountingProduct, type Target } from '../targets.ts';

/** Longer than an isolate goes by anything that it knows of a tenant without asking again. */
const QUIET_MS = 6_000;
/** After it all work behind an answer is done: what ended is told, the outbox drains, the ledger confirms. */
const WORK_BEHIND_MS = 1_000;
/** How long a busy tenant is looked at, each time. */
const BUSY_SECONDS = 3;
const [LOOK_EVERY_MS, MOST_LOOKS] = [100, 600];
const [QUIET_TENANTS, QUICK_QUIET_TENANTS] = [16, 4];
const [MOST_ROUNDS, QUICK_ROUNDS] = [5, 2];

/** What was counted in one situation, for each request, as often as it was tried. */
interface Counted {
  readonly situation: string;
  readonly counts: readonly GateCounts[];
  /** Calls until the answer was there; not told of a busy tenant, whose requests cannot be told apart. */
  readonly callsBefore: readonly number[];
}

/**
 * What the product asks of its TenantGates, counted: of a busy tenant and of quiet ones. And how fast one TenantGate
 * settles requests that come together, beside those that come one by one.
 */
export const tenantGate: Scenario = { name: 'tenant-gate', run: measureTenantGate };

async function measureTenantGate(run: BenchRun): Promise<Findings> {
  await using started = new AsyncDisposableStack();
  const server = await startCountingProduct(run.context, makeFolder(run.context, 'counting'));
  started.defer(() => server.close());
  const target: Target = {
    name: 'counting',
    start: async () => server,
    request: (pace, { tenant }) => sameShapeChat(pace, [tenant]),
  };
  const of: Running = { target, server };
  const read = () => readGateCounts(server.urlOf('counts'));
  const quiet = await countQuiet(run, of, read); // before others leave work behind
  const busy = await countBusy(run, of, SYNC, read);
  const lessBusy = run.isQuick ? [] : [await countBusy(run, of, SYNC_20MS, read)];
  const counted = [busy, ...lessBusy, ...quiet];
  const rates = await measureSettleRates(run);
  return {
    counts: {
      'calls of a busy tenant': busy.counts.map((each) => callsOf(each) + each.alarms),
      'commits of a busy tenant': busy.counts.map(({ commits }) => commits),
      'calls before a quiet tenant’s answer': quiet.at(-1)?.callsBefore ?? [],
      'settles together over one by one': rates.ratios,
    },
    details: { counted, rates },
    tables: [writeCounted(counted), writeRates(rates)],
    problems: findProblems([], [of]),
  };
}

/** A tenant that does not cease to be busy: it is looked at while it sends, each time `amount` requests later. */
async function countBusy(
  run: BenchRun,
  of: Running,
  load: LoadSpec,
  read: () => Promise<GateCounts>,
): Promise<Counted> {
  const rounds = run.isQuick ? QUICK_ROUNDS : MOST_ROUNDS;
  const amount = await amountFor(run.driver, of, run.context, load, BUSY_SECONDS);
  const readAfter = async (requests: number): Promise<GateCounts> => {
    for (let look = 0; look < MOST_LOOKS; look++) {
      run.stop.throwIfAborted();
      const counts = await read();
      if (counts.requests >= requests) return counts;
      await sleep(LOOK_EVERY_MS);
    }
    throw new Error('a busy tenant’s requests do not end');
  };
  const counts: GateCounts[] = [];
  const look = async () => {
    let before = await readAfter((await read()).requests + Math.ceil(amount / 4));
    for (let round = 0; round < rounds; round++) {
      const after = await readAfter(before.requests + amount);
      counts.push(countsPerRequest(before, after, after.requests - before.requests));
      before = after;
    }
  };
  const sending = drive(run.driver, of, run.context, { ...load, amount: amount * (rounds + 1) });
  const [{ failed, failure }] = await Promise.all([sending, look()]);
  if (failed > 0) throw new Error(`${failed} of a busy tenant’s requests failed: ${failure ?? 'no answer'}`);
  return { situation: `busy: ${load.what}`, counts, callsBefore: [] };
}

/** Single requests of tenants that send nothing else: the first of all, and one more after a while. */
async function countQuiet(run: BenchRun, { server }: Running, read: () => Promise<GateCounts>): Promise<Counted[]> {
  const tenants = run.isQuick ? QUICK_QUIET_TENANTS : QUIET_TENANTS;
  const specs = Array.from({ length: tenants }, () => ({ keys: 1, rules: { count: 2, isMatching: true } }));
  const callers = (await run.context.createTenants(specs)).flat();
  const countEach = async (situation: string): Promise<Counted> => {
    const counted = { situation, counts: [] as GateCounts[], callsBefore: [] as number[] };
    for (const caller of callers) {
      run.stop.throwIfAborted();
      const { path, headers, callers: [own] = [], body } = sameShapeChat('at-once', [caller]);
      const before = await read();
      const response = await fetch(server.url + path, { method: 'POST', headers: { ...headers, ...own }, body });
      const answered = await read();
      if (!response.ok) throw new Error(`a quiet tenant was answered ${response.status}: ${await response.text()}`);
      await response.arrayBuffer();
      await sleep(WORK_BEHIND_MS);
      counted.callsBefore.push(callsOf(answered) - callsOf(before));
      counted.counts.push(countsPerRequest(before, await read(), 1));
    }
    return counted;
  };
  const first = await countEach('quiet: a tenant’s first request of all');
  await sleep(QUIET_MS);
  return [first, await countEach('quiet: a single request')];
}

function writeCounted(counted: readonly Counted[]): string {
  const head = ['TenantGate, for each request', 'calls before the answer', 'configuration', 'hold', 'sync', 'confirm'];
  return writeTable(
    [...head, 'alarms', 'commits', 'rows read', 'rows written'],
    counted.map(({ situation, counts, callsBefore }) => {
      const cell = (name: keyof GateCounts) => writeSpread(spreadOf(counts.map((each) => each[name])), 4);
      return [
        ...[
          situation,
          writeSpread(spreadOf(callsBefore), 0),
          cell('lookUps'),
          cell('holds'),
          cell('syncs'),
          cell('confirms'),
        ],
        ...[cell('alarms'), cell('commits'), cell('rowsRead'), cell('rowsWritten')],
      ];
    }),
  );
}

function writeRates({ perSecond, ratios }: SettleRates): string {
  return writeTable(
    ['one TenantGate settles', 'requests/s', 'over one by one'],
    Object.entries(perSecond).map(([batch, rates]) => [
      Number(batch) === ONE_BY_ONE ? 'one in a call' : `${batch} in a call`,
      writeSpread(spreadOf(rates), 0),
      Number(batch) === ONE_BY_ONE ? '-' : writeSpread(spreadOf(ratios), 1),
    ]),
  );
}
