import { describe, expect, it } from 'vitest';
import { CachedShares, PROMPT_CACHE_MS } from './cached-shares.ts';

const NOW = 1_763_780_000_000;
const NAME = 'account model';
const usage = (inputTokens: number, cachedInputTokens?: number) => ({
  inputTokens,
  ...(cachedInputTokens !== undefined && { cachedInputTokens }),
});

describe('what a prompt cache is likely to hold', () => {
  it('is of a session what it was the last time, as long as a cache holds it', () => {
    const shares = new CachedShares();
    shares.note(NAME, 'a', usage(1_000, 0), NOW);
    shares.note(NAME, 'a', usage(1_000, 800), NOW + 1);
    expect(shares.sharesFor('a', NOW + 1 + PROMPT_CACHE_MS)(NAME)).toBe(0.8);
    expect(shares.sharesFor('a', NOW + 2 + PROMPT_CACHE_MS)(NAME)).toBe(0);
    expect([shares.sharesFor('b', NOW + 1)(NAME), shares.sharesFor('a', NOW + 1)('another')]).toEqual([0, 0]);
  });

  it('is of no session the part of all latest calls, the newer ones counting more', () => {
    const shares = new CachedShares();
    expect(shares.sharesFor(null, NOW)(NAME)).toBe(0);
    for (let call = 0; call < 100; call++) shares.note(NAME, null, usage(1_000), NOW);
    expect(shares.sharesFor(null, NOW)(NAME)).toBe(0);
    for (let call = 0; call < 100; call++) shares.note(NAME, `${call}`, usage(1_000, 500), NOW);
    expect(shares.sharesFor(null, NOW)(NAME)).toBeCloseTo(0.5, 3);
  });

  it('is never more than all, and nothing is learned from a call that tells no input', () => {
    const shares = new CachedShares();
    shares.note(NAME, 'a', usage(10, 20), NOW);
    shares.note(NAME, 'a', {}, NOW);
    expect([shares.sharesFor('a', NOW)(NAME), shares.sharesFor(null, NOW)(NAME)]).toEqual([1, 1]);
  });
});
