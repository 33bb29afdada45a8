import { describe, expect, it } from 'vitest';
import type { ClaimCommand } from '../../contracts/idempotency.ts';
import { decideClaim, KEY_LIFE_MS, type KeyEntry } from './decide-claim.ts';

const START = Date.UTC(2026, 10, 1);
const HOUR = 3_600_000;
const MINUTE = 60_000;

const command = (change: Partial<ClaimCommand> = {}): ClaimCommand => ({
  ...{ keyHash: 'k', fingerprint: 'f', claimId: 'second', effectId: 'other', requestId: 'r2' },
  ...{ leaseMs: MINUTE, mayTakeOver: false },
  ...change,
});

const entry = (change: Partial<KeyEntry> = {}): KeyEntry => ({
  ...{ fingerprint: 'f', claimId: 'first', effectId: 'effect', requestId: 'r1', claimedAt: START },
  ...{ deadline: START + MINUTE, isAnswered: false },
  ...change,
});

describe('decideClaim', () => {
  it('gives a key that nobody has to who asks', () => {
    const claimed = decideClaim(null, command(), START);
    expect(claimed).toEqual({
      state: 'claimed',
      entry: entry({ claimId: 'second', effectId: 'other', requestId: 'r2' }),
    });
  });

  it('tells what the request with the key does', () => {
    expect(decideClaim(entry(), command(), START + MINUTE - 1)).toEqual({ state: 'in_flight', requestId: 'r1' });
    expect(decideClaim(entry(), command(), START + MINUTE)).toEqual({ state: 'lost', requestId: 'r1' });
    expect(decideClaim(entry({ isAnswered: true }), command(), START)).toEqual({ state: 'answered', requestId: 'r1' });
  });

  it.each([
    ['running', {}],
    ['answered', { isAnswered: true }],
    ['lost', { deadline: 0 }],
  ])('F5: refuses another request, while the first is %s', (_name, change) => {
    const other = command({ fingerprint: 'g', mayTakeOver: true });
    expect(decideClaim(entry(change), other, START)).toEqual({ state: 'other_request', requestId: 'r1' });
  });

  it('lets a run that was never heard of again be taken over, to do the same once, only where that is said', () => {
    const taken = decideClaim(entry(), command({ mayTakeOver: true }), START + MINUTE);
    const deadline = START + 2 * MINUTE;
    expect(taken).toEqual({ state: 'claimed', entry: entry({ claimId: 'second', requestId: 'r2', deadline }) });
    const answered = entry({ isAnswered: true });
    expect(decideClaim(answered, command({ mayTakeOver: true }), deadline).state).toBe('answered');
  });

  it('F6: replays at 23 h 59 min, and takes the same request for a new one at 25 h', () => {
    const answered = entry({ isAnswered: true });
    expect(decideClaim(answered, command(), START + 24 * HOUR - MINUTE).state).toBe('answered');
    expect(decideClaim(answered, command(), START + KEY_LIFE_MS - 1).state).toBe('answered');
    const later = decideClaim(answered, command(), START + 25 * HOUR);
    expect(later).toMatchObject({ state: 'claimed', entry: { claimedAt: START + 25 * HOUR, effectId: 'other' } });
  });
});
