import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadDriver } from './children.ts';
import { cpuTimeMs } from './cpu-time.ts';
import { BURSTS, type Delivery, describeDelivery, readArrivals } from './delivery.ts';
import type { Row } from './report.ts';
import type { BenchContext, LoadSpec, Target } from './targets.ts';
import type { ServerProcess } from './workerd-process.ts';

/** Work behind the last answers (settling, the outbox, the queue) is counted to them: it takes tens of milliseconds. */
const AFTERMATH_MS = 300;
/** Requests before the first measurement, so that the code is compiled and caches are filled. */
const WARM_UP_REQUESTS = 320;
const DELIVERY_ATTEMPTS = 3;

/** A target that runs. */
export interface Running {
  readonly target: Target;
  readonly server: ServerProcess;
}

/** Puts a number of requests on a target and counts its CPU, from the first request to the end of the work behind the last. */
export async function measure(
  driver: LoadDriver,
  { target, server }: Running,
  context: BenchContext,
  { connections, pace, amount }: LoadSpec & { readonly amount: number },
): Promise<Omit<Row, 'round' | 'target' | 'load'>> {
  const { path, headers, body } = target.request(pace, context);
  const before = cpuTimeMs(server.pid);
  const { expected } = target;
  const result = await driver.drive({ url: server.url + path, headers, body, expected, connections, amount });
  await sleep(AFTERMATH_MS);
  const after = cpuTimeMs(server.pid);
  const cpuMs = before === null || after === null ? null : (after - before) / amount;
  return { cpuMs, ...result };
}

/** Warms a target up and answers how many requests it takes for about `seconds` of work. */
export async function amountFor(
  driver: LoadDriver,
  running: Running,
  context: BenchContext,
  load: LoadSpec,
  seconds: number,
): Promise<number> {
  const warmUp = await measure(driver, running, context, { ...load, amount: WARM_UP_REQUESTS });
  if (warmUp.failed > 0) throw new Error(`${running.target.name} failed ${warmUp.failed} requests of its warm-up`);
  return Math.max(load.connections, Math.round(warmUp.requestsPerSecond * seconds));
}

/** How a target hands on a slow stream: the best of a few, since a busy machine blurs one. */
export async function observeDelivery({ target, server }: Running, context: BenchContext): Promise<Delivery> {
  const { path, ...init } = target.request('slow', context);
  const observed: Delivery[] = [];
  for (let attempt = 0; attempt < DELIVERY_ATTEMPTS; attempt++) {
    const request = () => fetch(server.url + path, { method: 'POST', ...init });
    const delivery = describeDelivery(await readArrivals(request));
    observed.push(delivery);
    if (delivery.bursts === BURSTS) break;
  }
  return observed.reduce((best, each) => (each.bursts > best.bursts ? each : best));
}
