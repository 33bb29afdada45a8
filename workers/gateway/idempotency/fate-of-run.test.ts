import { describe, expect, it } from 'vitest';
import { type EndedRun, fateOfRun } from './fate-of-run.ts';

const CASES: [name: string, end: EndedRun, fate: string][] = [
  ['an answer', { status: 200, logFields: { isBilled: true }, isAtMostOnce: true }, 'keep'],
  ['an answer that cost nothing', { status: 200, logFields: { isBilled: false }, isAtMostOnce: true }, 'keep'],
  ['a change', { status: 201, logFields: {}, isAtMostOnce: false }, 'keep'],
  ['a refusal before any hold', { status: 402, logFields: { code: 'budget_exhausted' }, isAtMostOnce: true }, 'forget'],
  ['a failure that was not billed', { status: 502, logFields: { isBilled: false }, isAtMostOnce: true }, 'forget'],
  ['a failure that may have been billed', { status: 502, logFields: { isBilled: true }, isAtMostOnce: true }, 'keep'],
  [
    'a fault of ours behind an answer',
    { status: 500, logFields: { code: 'internal_error', isBilled: true }, isAtMostOnce: true },
    'keep',
  ],
  ['a refused change', { status: 409, logFields: { code: 'already_exists' }, isAtMostOnce: false }, 'forget'],
  [
    'a change that may have been committed',
    { status: 503, logFields: { code: 'unavailable' }, isAtMostOnce: false },
    'lapse',
  ],
  ['a fault behind a change', { status: 500, logFields: { code: 'internal_error' }, isAtMostOnce: false }, 'lapse'],
  [
    'a change that was made before',
    { status: 409, logFields: { code: 'idempotency_answer_lost' }, isAtMostOnce: false },
    'keep',
  ],
];

describe('fateOfRun', () => {
  it.each(CASES)('%s', (_name, end, fate) => {
    expect(fateOfRun(end)).toBe(fate);
  });
});
