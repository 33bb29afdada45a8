import { describe, expect, it } from 'vitest';
import { mostAlike, toMeaning } from './most-alike.ts';

const meaningOf = (...vector: number[]): Uint8Array => toMeaning(vector) ?? new Uint8Array();
const known = (...vectors: number[][]) =>
  vectors.map((vector, at) => ({ keyHash: `${at}`, vector: meaningOf(...vector) }));

describe('the most alike question', () => {
  it('is the one of the smallest angle, whatever the lengths of the vectors', () => {
    const found = mostAlike(meaningOf(3, 0), known([1, 1], [10, 1], [0, 5]), 0.5);
    expect(found?.keyHash).toBe('1');
    expect(found?.similarity).toBeCloseTo(10 / Math.hypot(10, 1), 6);
  });

  it('is none below the threshold, nor of another model', () => {
    expect(mostAlike(meaningOf(1, 0), known([1, 1]), 0.71)).toBeNull();
    expect(mostAlike(meaningOf(1, 0), known([1, 1]), 0.7)?.keyHash).toBe('0');
    expect(mostAlike(meaningOf(1, 0), known([1, 0, 0]), 0.5)).toBeNull();
    expect(mostAlike(meaningOf(1, 0), [], 0.5)).toBeNull();
  });

  it('has no vector of no length, or of one that is no number', () => {
    expect([toMeaning([]), toMeaning([0, 0]), toMeaning([Number.NaN, 1])]).toEqual([null, null, null]);
  });
});
