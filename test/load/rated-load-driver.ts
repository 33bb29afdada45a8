import autocannon from 'autocannon';
import { describeLatencies, FAILURE_LENGTH, type Load, type LoadResult, RATE_POINTS, takeLoads } from './load.ts';

/** Latencies of the first second are left out: connections are opened in it. */
const OPENING_MS = 1000;
const SILENCE_SECONDS = 20;

/** Sends requests at `rate`, whether or not the last ones are answered. The number of connections follows from it. */
async function run({ url, headers, callers, body, amount, expected, rate = RATE_POINTS }: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  let [endedAt, completed] = [startedAt, 0];
  let failure: string | undefined;
  const [perPoint, amountPerPoint] = [Math.ceil(rate / RATE_POINTS), Math.ceil(amount / RATE_POINTS)];
  const runPoint = async (point: number) => {
    await new Promise((resolve) => setTimeout(resolve, (point * 1000) / RATE_POINTS));
    const verifyBody = (text: string) => {
      if (text.includes(expected)) completed += 1;
      else failure ??= text.slice(0, FAILURE_LENGTH);
      return true;
    };
    const running = autocannon({
      ...{ url, headers: { ...headers, ...callers?.[0] }, body, method: 'POST' },
      ...{ connections: perPoint, overallRate: perPoint, amount: amountPerPoint },
      ...{ timeout: SILENCE_SECONDS, sampleInt: 500, verifyBody },
    });
    running.on('response', (_client: unknown, _status: number, _bytes: number, milliseconds: number) => {
      endedAt = performance.now();
      if (endedAt - startedAt > OPENING_MS) latencies.push(milliseconds);
    });
    await running;
  };
  await Promise.all(Array.from({ length: RATE_POINTS }, (_, point) => runPoint(point)));
  const withinMs = endedAt - startedAt - OPENING_MS;
  const failed = amountPerPoint * RATE_POINTS - completed;
  return { completed, failed, ...(failure !== undefined && { failure }), ...describeLatencies(latencies, withinMs) };
}

takeLoads(run);
