import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchRun, type Findings, makeFolder, type Scenario } from '../bench-run.ts';
import { type ReadersSeen, startEventReaders } from '../children.ts';
import { cpuTimeMs, memoryInMb, mostOpenFiles } from '../process-statistics.ts';
import { orchestrateChat } from '../requests.ts';
import { writeTable } from '../table.ts';
import { startProduct } from '../targets.ts';

/** Sockets, and requests a second while they read. Each request is two events: its beginning and its end. */
interface Load {
  readonly sockets: number;
  readonly requestsPerSecond: number;
}

/** Two cores carry some 200,000 deliveries a second, clients included: the last load is what more of them are asked for. */
const LOADS: readonly Load[] = [
  { sockets: 1_000, requestsPerSecond: 50 },
  { sockets: 10_000, requestsPerSecond: 5 },
  { sockets: 10_000, requestsPerSecond: 50 },
];
const [SECONDS, QUICK_SECONDS] = [20, 5];
/** Open files that workerd has of each WebSocket, and of everything else. */
const [FILES_PER_SOCKET, OTHER_FILES] = [2, 2_000];
const WARM_REQUESTS = 50;
const EVENTS_PER_REQUEST = 2;
/** After it, memory of what came before is given back as far as it ever is. */
const SETTLE_MS = 3_000;
/** How long the last events may take. */
const LATEST_MS = 60_000;

const HEADERS = [
  ...['sockets', 'events', 'deliveries', 'gaps', 'doubles', 'closed', 'p50, ms', 'p99, ms', 'CPU ms of an event'],
  ...['µs of a delivery', 'KB of a waiting socket'],
];

interface Measured {
  readonly details: object;
  readonly problems: readonly string[];
  readonly row: readonly string[];
}

/**
 * Many WebSockets on one tenant's hubs, all of which get every event: what is lost, doubled or out of order, how late events
 * are, what they cost, and what a connection that waits takes of memory.
 */
export const events: Scenario = { name: 'events', isLong: true, run: measureEvents };

async function measureEvents(run: BenchRun): Promise<Findings> {
  const measured: Measured[] = [];
  for (const load of run.isQuick ? LOADS.slice(0, 1) : LOADS) measured.push(await measureLoad(run, load));
  return {
    details: measured.map(({ details }) => details),
    problems: measured.flatMap(({ problems }) => problems),
    tables: [
      writeTable(
        HEADERS,
        measured.map(({ row }) => row),
      ),
    ],
  };
}

async function measureLoad(run: BenchRun, load: Load): Promise<Measured> {
  const { requestsPerSecond } = load;
  await using started = new AsyncDisposableStack();
  const server = started.adopt(
    await startProduct(run.context, makeFolder(run.context, `events-${load.sockets}-${requestsPerSecond}`)),
    (it) => it.close(),
  );
  const readers = started.adopt(startEventReaders(), (it) => it.close());
  const [caller] = (await run.context.createTenants([{ keys: 1, rules: { count: 0, isMatching: true } }])).flat();
  if (!caller) throw new Error('no tenant was made');
  const { path, headers, callers: [own] = [], body } = orchestrateChat('at-once', [caller]);
  const ask = async (): Promise<boolean> => {
    try {
      const response = await fetch(server.url + path, { method: 'POST', headers: { ...headers, ...own }, body });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false; // counted, and told of as a problem
    }
  };
  for (let warm = 0; warm < WARM_REQUESTS; warm++) await ask(); // so that code is compiled
  await sleep(SETTLE_MS);
  const memoryBefore = memoryInMb(server.pid);
  const allowed = Math.floor(((mostOpenFiles() ?? Number.POSITIVE_INFINITY) - OTHER_FILES) / FILES_PER_SOCKET);
  const sockets = Math.min(allowed, load.sockets);
  const url = `${server.url.replace('http', 'ws')}/v1/events/ws`;
  const { from } = await readers.open({ url, headers: { ...own }, sockets }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${server.log().slice(-2_000)}`);
  });
  await sleep(SETTLE_MS);
  const memoryAfter = memoryInMb(server.pid);

  const cpuBefore = cpuTimeMs(server.pid);
  const seconds = run.isQuick ? QUICK_SECONDS : SECONDS;
  const amount = requestsPerSecond * seconds;
  const begun: Promise<boolean>[] = [];
  const startedAt = performance.now();
  while (begun.length < amount) {
    run.stop.throwIfAborted();
    const due = Math.min(amount, Math.floor(((performance.now() - startedAt) / 1000) * requestsPerSecond));
    while (begun.length < due) begun.push(ask());
    await sleep(10);
  }
  const failed = (await Promise.all(begun)).filter((isOk) => !isOk).length;
  const told = (amount - failed) * EVENTS_PER_REQUEST;
  const seen = await readers.look();
  const last = await waitFor(readers.look, from + told, seen);
  const cpuMs = cpuBefore === null ? null : (cpuTimeMs(server.pid) ?? 0) - cpuBefore;
  const { gaps, doubles, closed, deliveries, latencies } = last;
  const isWhole = deliveries === told * sockets;
  const kbEach = memoryBefore === null || memoryAfter === null ? null : ((memoryAfter - memoryBefore) * 1024) / sockets;
  const at = (share: number) => percentileOf(latencies, share);
  const told1 = (value: number | null, digits: number) => (value === null ? '-' : value.toFixed(digits));
  return {
    details: { sockets, told, deliveries, gaps, doubles, closed, kbEach, cpuMs, p50: at(0.5), p99: at(0.99) },
    problems: [
      ...(failed > 0 ? [`${failed} requests failed`] : []),
      ...(gaps + doubles + closed > 0 ? [`${gaps} gaps, ${doubles} doubles, ${closed} sockets closed`] : []),
      ...(isWhole ? [] : [`${deliveries} deliveries of ${told * sockets}`]),
    ],
    row: [
      ...[sockets, told, deliveries, gaps, doubles, closed, at(0.5), at(0.99)].map(String),
      told1(cpuMs === null ? null : cpuMs / told, 1),
      told1(cpuMs === null ? null : (cpuMs * 1_000) / deliveries, 2),
      told1(kbEach, 1),
    ],
  };
}

/** Looks until every socket has read up to a place, or for as long as it may take. */
async function waitFor(look: () => Promise<ReadersSeen>, through: number, seen: ReadersSeen): Promise<ReadersSeen> {
  const endsAt = Date.now() + LATEST_MS;
  let last = seen;
  while (last.through < through && Date.now() < endsAt) {
    await sleep(100);
    last = await look();
  }
  return last;
}

function percentileOf(counts: ReadersSeen['latencies'], share: number): number {
  const sorted = counts.toSorted(([one], [other]) => one - other);
  const all = sorted.reduce((sum, [, count]) => sum + count, 0);
  let passed = 0;
  for (const [ms, count] of sorted) {
    passed += count;
    if (passed >= all * share) return ms;
  }
  return 0;
}
