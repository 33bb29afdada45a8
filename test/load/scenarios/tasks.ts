import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { type BenchRun, type Findings, makeFolder, type Scenario } from '../bench-run.ts';
import { describeLatencies } from '../load.ts';
import { memoryInMb } from '../process-statistics.ts';
import { type Caller, MODEL } from '../requests.ts';
import { writeTable } from '../table.ts';
import { startWithLedger } from '../targets.ts';
import type { WorkerdProcess } from '../workerd-process.ts';

const CLIENTS = 8;
const [SECONDS, QUICK_SECONDS] = [10, 2];
const BATCH = 1_000;
const [BATCHES, QUICK_BATCHES] = [20, 2];
const LATER_MS = 3_600_000;
/** Tasks whose beginning is timed, at a rate that leaves runners room. */
const [TIMED, QUICK_TIMED] = [600, 60];
const TIMED_PAUSE_MS = 20;
/** An object that nobody asks is forgotten after ten seconds, and closes its files. */
const FORGOTTEN_MS = 15_000;
const SCOPES = ['tasks:read', 'tasks:write', 'orchestrate:invoke'];

const created = z.object({ id: z.uuid() });
const ended = z.object({
  status: z.string(),
  createdAt: z.iso.datetime(),
  executions: z.array(z.object({ startedAt: z.iso.datetime() })),
});

/** How fast tasks are accepted, how soon they begin, and what one that waits costs. With the real ledger and PostgreSQL. */
export const tasks: Scenario = { name: 'tasks', isLong: true, run: measureTasks };

async function measureTasks(run: BenchRun): Promise<Findings> {
  await using started = new AsyncDisposableStack();
  const { context, isQuick } = run;
  const directory = makeFolder(context, 'tasks');
  const spec = { keys: 1, rules: { count: 2, isMatching: true }, scopes: SCOPES };
  const [waiting, batched, timed] = (await context.createTenants([spec, spec, spec])).flat();
  if (!waiting || !batched || !timed) throw new Error('no tenants were made');
  const server = started.adopt(await startWithLedger(context, directory), (it) => it.close());
  const ask = (caller: Caller) => new TaskClient(server, caller);

  await beginnings(ask(timed), isQuick ? 20 : 100, run.stop); // so that the code is compiled
  const before = { memory: memoryInMb(server.pid), stored: bytesIn(join(directory, 'storage')) };
  const seconds = isQuick ? QUICK_SECONDS : SECONDS;
  const single = await acceptSingly(ask(waiting), seconds, run.stop);
  const batches = await acceptBatches(ask(batched), isQuick ? QUICK_BATCHES : BATCHES, run.stop);
  const count = single.accepted + batches.accepted;
  const held = { memory: memoryInMb(server.pid) };
  await sleep(FORGOTTEN_MS);
  const after = { memory: memoryInMb(server.pid), stored: bytesIn(join(directory, 'storage')) };
  const perTask = (bytes: number | null, less: number | null) =>
    bytes === null || less === null ? null : (bytes - less) / count;
  const toBytes = (mb: number | null) => (mb === null ? null : mb * 1024 ** 2);
  const costs = {
    memoryBytes: perTask(toBytes(held.memory), toBytes(before.memory)),
    memoryBytesLater: perTask(toBytes(after.memory), toBytes(before.memory)),
    storedBytes: perTask(after.stored, before.stored),
  };
  const starts = await beginnings(ask(timed), isQuick ? QUICK_TIMED : TIMED, run.stop);
  return {
    details: { single, batches, costs, starts },
    problems: [
      ...(single.failed > 0 ? [`${single.failed} tasks were not accepted`] : []),
      ...(starts.failures.length > 0 ? [`${starts.failures.length} tasks did not succeed: ${starts.failures[0]}`] : []),
    ],
    tables: [
      writeTable(
        ['accepted', 'tasks', 'tasks/s', 'answer p50 ms', 'answer p99 ms'],
        [
          [
            'one by one',
            `${single.accepted}`,
            single.perSecond.toFixed(0),
            single.p50.toFixed(1),
            single.p99.toFixed(1),
          ],
          [
            ...[`in batches of ${BATCH}`, `${batches.accepted}`, batches.perSecond.toFixed(0)],
            ...[batches.p50.toFixed(1), batches.p99.toFixed(1)],
          ],
        ],
      ),
      writeTable(
        ['begun', 'tasks', 'p50 ms', 'p99 ms'],
        [['from accepted to started', `${starts.count}`, starts.p50.toFixed(0), starts.p99.toFixed(0)]],
      ),
      writeTable(
        ['a task that waits', 'bytes'],
        [
          ['memory, right after it was accepted', shown(costs.memoryBytes)],
          [`memory, ${FORGOTTEN_MS / 1000} s later`, shown(costs.memoryBytesLater)],
          ['storage, with its records on their way', shown(costs.storedBytes)],
        ],
      ),
    ],
  };
}

function shown(bytes: number | null): string {
  return bytes === null ? 'not measured' : bytes.toFixed(0);
}

class TaskClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url }: WorkerdProcess, { tenantId, apiKey }: Caller) {
    this.#url = url;
    this.#headers = { 'content-type': 'application/json', 'x-tenant-id': tenantId, 'x-api-key': apiKey };
  }

  post(path: string, body: object): Promise<Response> {
    return fetch(this.#url + path, { method: 'POST', headers: this.#headers, body: JSON.stringify(body) });
  }

  get(path: string): Promise<Response> {
    return fetch(this.#url + path, { headers: this.#headers });
  }
}

const order = (later: boolean) => ({
  input: 'Say hello.',
  providerPreferences: [{ provider: 'openai', model: MODEL }],
  ...(later && { executeAt: new Date(Date.now() + LATER_MS).toISOString() }),
});

/** Tasks that wait for their time, so that accepting them is all that is done. */
async function acceptSingly(client: TaskClient, seconds: number, stop: AbortSignal) {
  const latencies: number[] = [];
  let failed = 0;
  const startedAt = performance.now();
  const work = async () => {
    while (performance.now() - startedAt < seconds * 1_000) {
      stop.throwIfAborted();
      const sentAt = performance.now();
      const response = await client.post('/v1/tasks', order(true));
      await response.text();
      latencies.push(performance.now() - sentAt);
      if (response.status !== 202) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, work));
  const elapsedMs = performance.now() - startedAt;
  const { p50, p99 } = describeLatencies(latencies, elapsedMs);
  const accepted = latencies.length - failed;
  return { accepted, failed, perSecond: accepted / (elapsedMs / 1_000), p50, p99 };
}

async function acceptBatches(client: TaskClient, batches: number, stop: AbortSignal) {
  const latencies: number[] = [];
  const startedAt = performance.now();
  for (let batch = 0; batch < batches; batch++) {
    stop.throwIfAborted();
    const sentAt = performance.now();
    const response = await client.post('/v1/tasks/batch', { tasks: Array.from({ length: BATCH }, () => order(true)) });
    if (response.status !== 202) throw new Error(`a batch was not accepted: ${await response.text()}`);
    await response.text();
    latencies.push(performance.now() - sentAt);
  }
  const elapsedMs = performance.now() - startedAt;
  const { p50, p99 } = describeLatencies(latencies, elapsedMs);
  return { accepted: batches * BATCH, perSecond: (batches * BATCH) / (elapsedMs / 1_000), p50, p99 };
}

/** How long tasks that are due at once wait from their acceptance to their attempt, by the runner's own times. */
async function beginnings(client: TaskClient, count: number, stop: AbortSignal) {
  const waits: number[] = [];
  const failures: string[] = [];
  const startedAt = performance.now();
  const one = async () => {
    const response = await client.post('/v1/tasks', order(false));
    const text = await response.text();
    if (response.status !== 202) {
      failures.push(text);
      return;
    }
    const { id } = created.parse(JSON.parse(text));
    const task = ended.parse(await (await client.get(`/v1/tasks/${id}?wait=30`)).json());
    const [first] = task.executions;
    if (task.status !== 'succeeded' || !first) failures.push(`a task has ${task.status}`);
    else waits.push(Date.parse(first.startedAt) - Date.parse(task.createdAt));
  };
  const sent: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    stop.throwIfAborted();
    sent.push(one());
    await sleep(TIMED_PAUSE_MS);
  }
  await Promise.all(sent);
  const { p50, p99 } = describeLatencies(waits, performance.now() - startedAt);
  return { count: waits.length, failures, p50, p99 };
}

/** Bytes of all files in a folder. */
function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
