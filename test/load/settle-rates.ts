import { join, relative } from 'node:path';
import * as z from 'zod';
import { type BenchRun, makeFolder } from './bench-run.ts';
import { bindingsOfGate } from './product-scripts.ts';
import { makeStorage } from './targets.ts';
import { startWorkerd } from './workerd-process.ts';

export const ONE_BY_ONE = 1;
/** As many as a busy tenant's requests share a call, by the goal P8. */
const TOGETHER = 64;
/** Requests that are settled in one measurement. */
const AMOUNTS: Readonly<Record<number, number>> = { [ONE_BY_ONE]: 4_000, [TOGETHER]: 32_000 };
const [MOST_ROUNDS, QUICK_ROUNDS] = [5, 2];

const answer = z.object({ settled: z.int().positive() });

export interface SettleRates {
  /** Requests that one durable TenantGate settles a second, by how many come in a call, round by round. */
  readonly perSecond: Readonly<Record<string, readonly number[]>>;
  /** Together over one by one, paired. */
  readonly ratios: readonly number[];
}

/** Drives one TenantGate, whose storage is on the run's disk, from a Worker beside it: workers/settle-driver.ts. */
export async function measureSettleRates(run: BenchRun): Promise<SettleRates> {
  const { context } = run;
  const directory = makeFolder(context, 'settle-rates');
  const worker = (name: string) => ({
    ...{ name, module: relative(directory, join(context.buildDir, `${name}.js`)) },
    ...{ compatibilityDate: '2026-10-01', compatibilityFlags: [] },
  });
  const driver = 'settle-driver';
  const state = 'counting-state';
  await using started = new AsyncDisposableStack();
  const server = await startWorkerd(directory, {
    scripts: [
      {
        ...worker(driver),
        bindings: bindingsOfGate(state),
      },
      {
        ...worker(state),
        bindings: [
          { name: 'LEDGER', queue: driver, entrypoint: 'queue' },
          { name: 'LOG_LEVEL', text: 'error' },
        ],
        classes: ['TenantGate'],
      },
    ],
    sockets: { http: { service: driver, entrypoint: 'settle' } },
    storage: makeStorage(directory),
  });
  started.defer(() => server.close());

  const settle = async (batch: number, requests: number): Promise<number> => {
    const startedAt = performance.now();
    const response = await fetch(`${server.url}/?requests=${requests}&batch=${batch}`, { method: 'POST' });
    const text = await response.text();
    const seconds = (performance.now() - startedAt) / 1000;
    if (!response.ok) throw new Error(`settling failed: ${text}\n${server.log()}`);
    return answer.parse(JSON.parse(text)).settled / seconds;
  };
  const perSecond: Record<string, number[]> = { [ONE_BY_ONE]: [], [TOGETHER]: [] };
  const ratios: number[] = [];
  for (let round = 0; round <= (run.isQuick ? QUICK_ROUNDS : MOST_ROUNDS); round++) {
    run.stop.throwIfAborted();
    const rates: Record<string, number> = {};
    for (const [batch, requests] of Object.entries(AMOUNTS)) rates[batch] = await settle(Number(batch), requests);
    if (round === 0) continue; // so that the code is compiled
    for (const [batch, rate] of Object.entries(rates)) perSecond[batch]?.push(rate);
    ratios.push((rates[TOGETHER] ?? Number.NaN) / (rates[ONE_BY_ONE] ?? Number.NaN));
  }
  return { perSecond, ratios };
}
