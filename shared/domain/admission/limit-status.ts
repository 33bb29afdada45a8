import type { LimitStatus } from '../../contracts/limits.ts';
import type { RateStatus } from '../../contracts/rpc.ts';
import type { Counter } from './counter.ts';
import type { Limit } from './limit.ts';
import { isLive, periodStart, resetsAt } from './window.ts';

/** What a limit's status is told from. */
interface Standing {
  /** All of the limit's. */
  readonly counters: readonly Counter[];
  /** How much of what is out in a slot is set aside for requests that run. */
  held(start: number): bigint;
  /** Null where the limit has no end. */
  readonly room: bigint | null;
}

/** A limit as it stands; null for what nobody is shown. */
export function statusOf(limit: Limit, standing: Standing, now: number): LimitStatus | null {
  const { id: limitId, kind, ruleId, name, unit, scope, isEnforced, window, cap } = limit;
  if (kind === 'tenant' || cap === null) return null;
  const live = standing.counters.filter(({ start }) => isLive(window, start, now));
  const out = sum(live.map((counter) => counter.out));
  const held = sum(live.map(({ start }) => standing.held(start)));
  const counted = sum(live.map((counter) => counter.spent));
  const room = standing.room ?? cap - counted - out;
  // What a token bucket has spent is what it has not refilled since; it refills for what is still out, too.
  const unfilled = cap - out - room;
  const spent = window.kind !== 'token-bucket' ? counted : unfilled > 0n ? unfilled : 0n;
  const fired = new Set(live.flatMap((counter) => counter.fired));
  return {
    ...{ limitId, kind, ruleId, name, unit, scope, isEnforced, cap, spent, held, leased: out - held },
    remaining: room > 0n ? room : 0n,
    periodStart: periodStart(window, now),
    resetsAt: resetsAt(window, now),
    thresholdsReached: [...fired].toSorted((a, b) => a - b),
  };
}

/** What is left of a limit of rates; null for any other limit. */
export function rateOf(limit: Limit, roomOf: () => bigint | null, now: number): RateStatus | null {
  const { id: limitId, kind, unit, window } = limit;
  if (kind !== 'rate_limit' || unit === 'concurrent') return null;
  return { limitId, remaining: roomOf() ?? 0n, resetsAt: resetsAt(window, now) };
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((all, amount) => all + amount, 0n);
}
