import { expect, it } from 'vitest';
import { NOW } from '../testing/answering.ts';
import { readWindow } from './rate-limit-window.ts';

const NAMES = { limit: 'limit', remaining: 'remaining', reset: 'reset' };

it.each([
  ['1s', NOW + 1_000],
  ['6m0s', NOW + 360_000],
  ['1h2m3.5s', NOW + 3_723_500],
  ['20ms', NOW + 20],
  ['12', NOW + 12_000],
  ['0.5', NOW + 500],
  ['2026-01-01T00:00:10Z', NOW + 10_000],
  ['soon', null],
  ['1s later', null],
  ['2026-01-01Tnever', null],
  ['', null],
])('a reset of %j is at %s', (reset, resetAt) => {
  const headers = new Headers({ limit: '10', remaining: '3', reset });
  expect(readWindow(headers, NAMES, NOW)).toEqual({ limit: 10, remaining: 3, resetAt });
});

it('what is not told is null, and all of it is no window', () => {
  expect(readWindow(new Headers({ remaining: '0' }), NAMES, NOW)).toEqual({ limit: null, remaining: 0, resetAt: null });
  expect(readWindow(new Headers({ limit: '-1', remaining: 'some' }), NAMES, NOW)).toBeNull();
  expect(readWindow(new Headers(), NAMES, NOW)).toBeNull();
});
