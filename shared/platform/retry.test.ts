import { describe, expect, it } from 'vitest';
import { retry } from './retry.ts';

describe('retry', () => {
  const failing = (attempts: number, retryAfterMs?: number) => {
    const [waits, errors]: [number[], Error[]] = [[], []];
    const work = async () => {
      errors.push(new Error(`failure ${errors.length + 1}`));
      throw errors.at(-1);
    };
    const run = retry(work, {
      attempts,
      baseMs: 100,
      capMs: 300,
      retryAfterMs: () => retryAfterMs,
      random: () => 0.5,
      sleep: async (ms) => void waits.push(ms),
    });
    return { run, waits };
  };

  it('waits between attempts, longer each time up to the cap, and rejects with the last error', async () => {
    const { run, waits } = failing(5);
    await expect(run).rejects.toThrow('failure 5');
    expect(waits).toEqual([50, 100, 150, 150]);
  });

  it('waits at least as long as an error asks', async () => {
    const { run, waits } = failing(3, 1_000);
    await expect(run).rejects.toThrow('failure 3');
    expect(waits).toEqual([1_050, 1_100]);
  });

  it('answers with the first success', async () => {
    expect(await retry(async () => 'done', { attempts: 1, baseMs: 1, capMs: 1 })).toBe('done');
  });
});
