import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadDriver } from './children.ts';
import type { BenchContext } from './context.ts';
import { BURSTS, type Delivery, describeDelivery, readArrivals } from './delivery.ts';
import type { Load, LoadResult } from './load.ts';
import type { LoadSpec } from './loads.ts';
import { cpuTimeMs, machineCpuTimeMs, memoryInMb } from './process-statistics.ts';
import type { Row } from './report.ts';
import type { ServerProcess } from './server-process.ts';
import type { Target } from './targets.ts';

/** How long work behind a proxy's last answer takes: connections that end. */
const WORK_BEHIND_MS = 300;
const DELIVERY_ATTEMPTS = 3;

/** A target that runs. */
export interface Running {
  readonly target: Target;
  readonly server: ServerProcess;
}

/** Puts a number of requests on a target. */
export function drive(
  driver: LoadDriver,
  { target, server }: Running,
  context: BenchContext,
  { connections, pace, amount, rate, turnsBefore }: LoadSpec & Pick<Load, 'amount' | 'rate' | 'turnsBefore'>,
): Promise<LoadResult> {
  const { path, ...request } = target.request(pace, context);
  const places = { ...(rate !== undefined && { rate }), ...(turnsBefore !== undefined && { turnsBefore }) };
  return driver.drive({ url: server.url + path, ...request, connections, amount, ...places });
}

/** A target that was measured, but for the work behind its last answers. */
export interface Open {
  /** Resolves when that work is done. The target must not be asked for anything until then. */
  close(): Promise<Omit<Row, 'round' | 'target' | 'load'>>;
}

/** The same, and counts its CPU, from the first request to the end of the work behind the last. */
export async function measure(
  driver: LoadDriver,
  running: Running,
  context: BenchContext,
  load: Parameters<typeof drive>[3],
): Promise<Open> {
  const { server, target } = running;
  const pids = { target: server.pid, clients: driver.pid, upstream: context.upstream.pid };
  const before = readClocks(pids);
  const result = await drive(driver, running, context, load);
  const during = readClocks(pids);
  const memoryMb = memoryInMb(server.pid);
  const close = async () => {
    const workBehindMs = target.workBehindMs ?? WORK_BEHIND_MS;
    await sleep(Math.max(0, during.wallMs + workBehindMs - performance.now()));
    const cpuAtEnd = cpuTimeMs(server.pid);
    if (before.cpu === null || during.cpu === null || cpuAtEnd === null)
      return { cpuMs: null, memoryMb: null, busy: null, ...result };
    const wallMs = during.wallMs - before.wallMs;
    const [from, to] = [before.cpu, during.cpu];
    const cores = (of: keyof typeof from) => (to[of] - from[of]) / wallMs;
    const busy = { target: cores('target'), clients: cores('clients'), upstream: cores('upstream') };
    const others = Math.max(0, cores('machine') - busy.target - busy.clients - busy.upstream);
    return {
      cpuMs: (cpuAtEnd - from.target) / (result.completed + result.failed),
      memoryMb,
      busy: { ...busy, others },
      ...result,
    };
  };
  return { close };
}

function readClocks(pids: { readonly target: number; readonly clients: number; readonly upstream: number }) {
  const wallMs = performance.now();
  const [target, clients, upstream] = [cpuTimeMs(pids.target), cpuTimeMs(pids.clients), cpuTimeMs(pids.upstream)];
  const machine = machineCpuTimeMs();
  if (target === null || clients === null || upstream === null || machine === null) return { wallMs, cpu: null };
  return { wallMs, cpu: { target, clients, upstream, machine } };
}

/** Warms a target up, with at least one request of each caller, and answers how many requests it takes for about `seconds` of work. */
export async function amountFor(
  driver: LoadDriver,
  running: Running,
  context: BenchContext,
  load: LoadSpec,
  seconds: number,
): Promise<number> {
  const callers = running.target.request(load.pace, context).callers?.length ?? 1;
  const amount = Math.max(load.warmUp, callers);
  const warmUp = await drive(driver, running, context, { ...load, amount });
  if (warmUp.failed > 0) {
    const failure = warmUp.failure ?? 'no answer';
    throw new Error(`${running.target.name} failed ${warmUp.failed} requests of its warm-up: ${failure}`);
  }
  return Math.max(load.connections, Math.round(warmUp.requestsPerSecond * seconds));
}

/** How a target hands on a slow stream: the best of a few, since a busy machine blurs one. */
export async function observeDelivery({ target, server }: Running, context: BenchContext): Promise<Delivery> {
  const { path, headers, callers, body } = target.request('slow', context);
  const observed: Delivery[] = [];
  for (let attempt = 0; attempt < DELIVERY_ATTEMPTS; attempt++) {
    const request = () => fetch(server.url + path, { method: 'POST', headers: { ...headers, ...callers?.[0] }, body });
    const delivery = describeDelivery(await readArrivals(request));
    observed.push(delivery);
    if (delivery.bursts === BURSTS) break;
  }
  return observed.reduce((best, each) => (each.bursts > best.bursts ? each : best));
}
