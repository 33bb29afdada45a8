import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type BenchRun, type Findings, makeFolder, type Scenario } from '../bench-run.ts';
import type { ReadersSeen } from '../children.ts';
import { openReaders } from '../open-readers.ts';
import { cpuTimeMs, memoryInMb } from '../process-statistics.ts';
import { type BenchRequest, MODEL, orchestrateChat } from '../requests.ts';
import type { ServerProcess } from '../server-process.ts';
import { writeTable } from '../table.ts';
import { startWithReaders } from '../targets.ts';

/** Sockets, what each of them reads, and how many events there are a second. */
interface Load {
  readonly sockets: number;
  readonly reads: 'everything' | 'one task';
  readonly eventsPerSecond: number;
}

const LOADS: readonly Load[] = [
  { sockets: 1_000, reads: 'everything', eventsPerSecond: 100 },
  { sockets: 10_000, reads: 'one task', eventsPerSecond: 100 },
  { sockets: 10_000, reads: 'everything', eventsPerSecond: 10 },
  { sockets: 10_000, reads: 'everything', eventsPerSecond: 100 },
];
const [SECONDS, QUICK_SECONDS] = [20, 5];
const WARM_REQUESTS = 50;
/** A request is told of when it begins and when it ends; a task that was accepted, with its request, twice as often. */
const [EVENTS_PER_REQUEST, EVENTS_PER_TASK] = [2, 4];
/** When the first task begins: later than all sockets are open. */
const TASKS_BEGIN_MS = 60_000;
/** After it, memory of what came before is given back as far as it ever is. */
const SETTLE_MS = 3_000;
/** How long the last events may take. */
const LATEST_MS = 60_000;
const SCOPES = ['orchestrate:invoke', 'tasks:read', 'tasks:write', 'events:read'];

const HEADERS = [
  ...['sockets', 'each reads', 'events', 'deliveries', 'gaps', 'doubles', 'unasked', 'closed', 'p50, ms', 'p99, ms'],
  ...['CPU ms of an event', 'µs of a delivery', 'KB of a waiting socket'],
];

const acceptedBatch = z.object({ taskIds: z.array(z.uuid()) });

interface Measured {
  readonly details: object;
  readonly problems: readonly string[];
  readonly row: readonly string[];
}

/** What makes events of a tenant. */
interface Source {
  /** The tasks that sockets watch, as many as they like; absent: they read everything. */
  readonly taskIds?: readonly string[];
  /** Makes them at the load's rate; answers how many there are, and what went wrong. */
  run(): Promise<{ readonly told: number; readonly failed: number }>;
}

/**
 * Many WebSockets on one tenant's hubs: what is lost, doubled or out of order, how late events are, what they cost, and what
 * a connection that waits takes of memory. All read everything, or each the events of a task of its own.
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
  await using started = new AsyncDisposableStack();
  const folder = makeFolder(run.context, `events-${load.sockets}-${load.reads}-${load.eventsPerSecond}`);
  const server = started.adopt(await startWithReaders(run.context, folder), (it) => it.close());
  const spec = { keys: 1, rules: { count: 0, isMatching: true }, scopes: SCOPES };
  const [caller] = (await run.context.createTenants([spec])).flat();
  if (!caller) throw new Error('no tenant was made');
  const request = orchestrateChat('at-once', [caller]);
  const ask = asker(server, request);
  for (let warm = 0; warm < WARM_REQUESTS; warm++) await ask(); // so that code is compiled
  await sleep(SETTLE_MS);
  const memoryBefore = memoryInMb(server.pid);
  const { sockets } = load;
  const seconds = run.isQuick ? QUICK_SECONDS : SECONDS;
  const source =
    load.reads === 'everything'
      ? requestsOf(ask, load.eventsPerSecond / EVENTS_PER_REQUEST, seconds, run.stop)
      : await tasksOf(server, request, load.eventsPerSecond / EVENTS_PER_TASK, seconds);
  const taskIds =
    source.taskIds && Array.from({ length: sockets }, (_, at) => source.taskIds?.[at] ?? crypto.randomUUID());
  const asked = { url: `${server.url}/v1/events/ws`, headers: { ...request.callers?.[0] }, sockets };
  const opened = openReaders(server, { ...asked, ...(taskIds && { taskIds }) }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${server.log().slice(-2_000)}`);
  });
  const readers = started.adopt(await opened, (it) => it.close());
  await sleep(SETTLE_MS);
  const memoryAfter = memoryInMb(server.pid);

  const cpuBefore = cpuTimeMs(server.pid);
  const { told, failed } = await source.run();
  const due = taskIds ? told : told * sockets;
  const { gaps, doubles, unasked, closed, deliveries, latencies } = await waitFor(readers.look, due);
  const cpuMs = cpuBefore === null ? null : (cpuTimeMs(server.pid) ?? 0) - cpuBefore;
  const kbEach = memoryBefore === null || memoryAfter === null ? null : ((memoryAfter - memoryBefore) * 1024) / sockets;
  const [p50, p99] = [percentileOf(latencies, 0.5), percentileOf(latencies, 0.99)];
  const shown = (value: number | null, digits: number) => (value === null ? '-' : value.toFixed(digits));
  return {
    details: { ...load, sockets, told, deliveries, gaps, doubles, unasked, closed, kbEach, cpuMs, p50, p99 },
    problems: [
      ...(failed > 0 ? [`${failed} requests failed`] : []),
      ...(gaps + doubles + unasked > 0
        ? [`${gaps} gaps, ${doubles} doubles, ${unasked} events that nobody asked for`]
        : []),
      ...(closed > 0 ? [`${closed} sockets closed`] : []),
      // A task that has to wait, or is tried again, changes more often.
      ...(deliveries === due || (taskIds && deliveries > due) ? [] : [`${deliveries} deliveries of ${due}`]),
    ],
    row: [
      ...[sockets, load.reads, told, deliveries, gaps, doubles, unasked, closed, p50, p99].map(String),
      shown(cpuMs === null ? null : cpuMs / told, 1),
      shown(cpuMs === null ? null : (cpuMs * 1_000) / deliveries, 2),
      shown(kbEach, 1),
    ],
  };
}

function asker({ url }: ServerProcess, { path, headers, callers: [own] = [], body }: BenchRequest) {
  return async (): Promise<boolean> => {
    try {
      const response = await fetch(url + path, { method: 'POST', headers: { ...headers, ...own }, body });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false; // counted, and told of as a problem
    }
  };
}

/** Requests at a rate. */
function requestsOf(ask: () => Promise<boolean>, perSecond: number, seconds: number, stop: AbortSignal): Source {
  const amount = perSecond * seconds;
  const run = async () => {
    const begun: Promise<boolean>[] = [];
    const startedAt = performance.now();
    while (begun.length < amount) {
      stop.throwIfAborted();
      const due = Math.min(amount, Math.floor(((performance.now() - startedAt) / 1000) * perSecond));
      while (begun.length < due) begun.push(ask());
      await sleep(10);
    }
    const failed = (await Promise.all(begun)).filter((isOk) => !isOk).length;
    return { told: (amount - failed) * EVENTS_PER_REQUEST, failed };
  };
  return { run };
}

/** Tasks that are accepted before, and begin at a rate. */
async function tasksOf(
  { url }: ServerProcess,
  { headers, callers: [own] = [] }: BenchRequest,
  perSecond: number,
  seconds: number,
): Promise<Source> {
  const beginAt = Date.now() + TASKS_BEGIN_MS;
  const tasks = Array.from({ length: perSecond * seconds }, (_, at) => ({
    input: 'Say hello.',
    providerPreferences: [{ provider: 'openai', model: MODEL }],
    executeAt: new Date(beginAt + (at * 1_000) / perSecond).toISOString(),
  }));
  const response = await fetch(`${url}/v1/tasks/batch`, {
    ...{ method: 'POST', headers: { ...headers, ...own }, body: JSON.stringify({ tasks }) },
  });
  const { taskIds } = acceptedBatch.parse(await response.json());
  const run = async () => {
    await sleep(beginAt + seconds * 1_000 - Date.now());
    return { told: taskIds.length * EVENTS_PER_TASK, failed: 0 };
  };
  return { taskIds, run };
}

/** Looks until so many events have been read, or for as long as it may take. */
async function waitFor(look: () => Promise<ReadersSeen>, deliveries: number): Promise<ReadersSeen> {
  const endsAt = Date.now() + LATEST_MS;
  let seen = await look();
  while (seen.deliveries < deliveries && Date.now() < endsAt) {
    await sleep(100);
    seen = await look();
  }
  return seen;
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
