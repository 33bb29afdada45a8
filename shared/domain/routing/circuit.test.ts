import { describe, expect, it } from 'vitest';
import type { Circuit } from '../../contracts/provider-health.ts';
import { CLOSED, FAILURES_TO_OPEN, mayCall, onCall, onOutcome, PROBE_PAUSE_MS } from './circuit.ts';

/** Who decides whether a call goes out, and learns how it ended. */
interface Breaker {
  readonly mayCall: typeof mayCall;
  readonly onCall: typeof onCall;
  readonly onOutcome: typeof onOutcome;
}

const OURS: Breaker = { mayCall, onCall, onOutcome };

interface Outage {
  /** A request comes each second, and the provider fails all of them from `from` until `until` (seconds). */
  readonly from: number;
  readonly until: number;
  readonly seconds: number;
}

/** Plays requests against a provider with a fallback that always serves. */
function play({ from, until, seconds }: Outage, breaker: Breaker) {
  let circuit: Circuit = CLOSED;
  const called: number[] = [];
  let servedByFallback = 0;
  let recoveredAt: number | null = null;
  for (let second = 0; second < seconds; second++) {
    const now = second * 1_000;
    if (!breaker.mayCall(circuit, now)) {
      servedByFallback++;
      continue;
    }
    circuit = breaker.onCall(circuit, now);
    const fails = second >= from && second < until;
    called.push(second);
    circuit = breaker.onOutcome(circuit, fails ? 'failed' : 'answered', now);
    if (fails) servedByFallback++;
    else if (second >= until && circuit.state === 'closed') recoveredAt ??= second;
  }
  const calls = called.filter((second) => second >= from && second < until);
  const probes = calls.slice(FAILURES_TO_OPEN);
  const pauses = probes.slice(1).map((second, index) => second - (probes[index] ?? 0));
  return { calls, probes, leastPause: Math.min(...pauses), servedByFallback, recoveredAt };
}

describe('F10: a circuit', () => {
  const OUTAGE = { from: 100, until: 700, seconds: 1_000 };

  it('opens after five failures, probes at most every 30 s, and closes within 60 s of the recovery', () => {
    const { calls, probes, leastPause, recoveredAt } = play(OUTAGE, OURS);
    expect(calls.slice(0, FAILURES_TO_OPEN)).toEqual([100, 101, 102, 103, 104]);
    expect(probes.length).toBeLessThanOrEqual(20);
    expect(probes.length).toBeGreaterThan(15);
    expect(leastPause).toBeGreaterThanOrEqual(PROBE_PAUSE_MS / 1_000);
    expect(recoveredAt).toBeLessThanOrEqual(OUTAGE.until + 60);
  });

  it.each<[string, Partial<Breaker>]>([
    ['never opens', { onOutcome: () => CLOSED }],
    [
      'forgets that it probes',
      { onCall: (circuit) => circuit, onOutcome: (circuit, outcome) => (outcome === 'failed' ? circuit : CLOSED) },
    ],
    [
      'never closes',
      { onOutcome: (circuit, outcome, now) => (outcome === 'answered' ? circuit : onOutcome(circuit, outcome, now)) },
    ],
  ])('control: one that %s is found out', (_name, broken) => {
    const { calls, leastPause, recoveredAt } = play(OUTAGE, { ...OURS, ...broken });
    const holds =
      calls.length <= FAILURES_TO_OPEN + 20 &&
      leastPause >= 30 &&
      recoveredAt !== null &&
      recoveredAt <= OUTAGE.until + 60;
    expect(holds).toBe(false);
  });

  it('counts failures in a row alone', () => {
    let circuit: Circuit = CLOSED;
    for (let call = 0; call < 100; call++) circuit = onOutcome(circuit, call % 5 === 4 ? 'answered' : 'failed', 0);
    expect(circuit.state).toBe('closed');
  });

  it('lets one probe out, and another when that one is never heard of', () => {
    const open: Circuit = { state: 'open', until: 1_000 };
    expect(mayCall(open, 999)).toBe(false);
    const probing = onCall(open, 1_000);
    expect(mayCall(probing, 1_001)).toBe(false);
    expect(mayCall(probing, 1_000 + PROBE_PAUSE_MS)).toBe(true);
    expect(onOutcome(probing, 'unknown', 2_000)).toBe(probing);
    expect(onOutcome(probing, 'answered', 2_000)).toEqual(CLOSED);
    expect(onOutcome(probing, 'failed', 2_000)).toEqual({ state: 'open', until: 2_000 + PROBE_PAUSE_MS });
  });

  it('opens at once for as long as the vendor asks, and a late failure shortens nothing', () => {
    const asked = onOutcome(CLOSED, 'failed', 0, 7_000);
    expect(asked).toEqual({ state: 'open', until: 7_000 });
    expect(onOutcome(asked, 'failed', 1_000)).toEqual(asked);
    expect(onOutcome(asked, 'failed', 1_000, 60_000)).toEqual({ state: 'open', until: 61_000 });
    expect(onOutcome(CLOSED, 'failed', 0, 10 ** 9)).toEqual({ state: 'open', until: 600_000 });
  });
});
