import { describe, expect, it } from 'vitest';
import { rate, tenantWith } from '../../../test/harness/admission-tenant.ts';
import { BookPlayer, leaseIdOf } from '../../../test/harness/book-player.ts';
import { seededRandom } from '../../../test/harness/seeded-random.ts';

const CAP = 20;
const WINDOW_MS = 10_000;

/** When requests were admitted that came at random for five minutes, at some four times the limit, in bursts. */
function admitted(strategy: 'fixed-window' | 'sliding-window' | 'token-bucket', seed: number): number[] {
  const player = new BookPlayer(tenantWith({ rateLimits: [rate({ windowSeconds: 10, maxRequests: CAP, strategy })] }));
  const random = seededRandom(seed);
  const times: number[] = [];
  for (const end = player.now + 300_000; player.now < end; player.now += Math.floor(random() * random() * 2_000)) {
    for (let burst = Math.floor(random() * 8); burst > 0; burst--) {
      const { held, decision } = player.hold(0n, leaseIdOf(1));
      if (held) times.push(player.now);
      const waits = decision.kind === 'refused' && decision.refusal.reason === 'limit_reached';
      if (waits) expect(decision.refusal.retryAfterMs).toBeGreaterThan(0);
    }
  }
  return times;
}

/** The most within any window of a length. */
const mostWithin = (times: readonly number[], ms: number) =>
  Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + ms).length));

describe.each([1, 2, 3])('under load (seed %i)', (seed) => {
  it('a sliding window never has more than its cap in any window, and uses most of it', () => {
    const times = admitted('sliding-window', seed);
    expect(mostWithin(times, WINDOW_MS)).toBeLessThanOrEqual(CAP);
    expect(times.length).toBeGreaterThan(25 * CAP);
  });

  it('a fixed window has its cap in each, and so up to twice that across two', () => {
    const times = admitted('fixed-window', seed);
    const each = Map.groupBy(times, (time) => Math.floor(time / WINDOW_MS));
    expect(Math.max(...[...each.values()].map((list) => list.length))).toBe(CAP);
    // The control of the sliding window: this one passes the cap in some window.
    expect(mostWithin(times, WINDOW_MS)).toBeGreaterThan(CAP);
  });

  it('a bucket lets pass its cap at once, and what it is refilled by', () => {
    const times = admitted('token-bucket', seed);
    for (const ms of [1, 1_000, 5_000, 60_000]) {
      expect(mostWithin(times, ms)).toBeLessThanOrEqual(CAP + Math.ceil((CAP * ms) / WINDOW_MS));
    }
    expect(times.length).toBeGreaterThan(25 * CAP);
  });
});

it.each(['fixed-window', 'sliding-window', 'token-bucket'] as const)(
  'a %s has room again when it says so',
  (strategy) => {
    const player = new BookPlayer(tenantWith({ rateLimits: [rate({ windowSeconds: 10, maxRequests: 2, strategy })] }));
    player.hold(0n);
    player.hold(0n);
    const { decision } = player.hold(0n);
    if (decision.kind !== 'refused' || decision.refusal.reason !== 'limit_reached') throw new Error('it had room');
    const { retryAfterMs } = decision.refusal;
    player.now += (retryAfterMs ?? 0) - 1;
    expect(player.hold(0n).held).toBeNull();
    player.now += 1;
    expect(player.hold(0n).held).not.toBeNull();
  },
);
