import type { Limit } from './limit.ts';
import { freedAt, isLive, slotOf } from './window.ts';

/** What one limit counts in one of its slots. */
export interface Counter {
  readonly limitId: string;
  readonly start: number;
  spent: bigint;
  /** Leased, and of that a part held: not spent, but not there for others either. */
  out: bigint;
  /** Of a token bucket: what is in it at `levelAt`, times the milliseconds of its window, so that no refill is rounded. */
  level: bigint | null;
  levelAt: number;
  /** Thresholds (percent of the cap) that were told of. */
  readonly fired: number[];
}

/** The name of a counter. */
export function counterKey(limitId: string, start: number): string {
  return `${limitId}@${start}`;
}

export function newCounter(limit: Limit | undefined, limitId: string, start: number, now: number): Counter {
  const level = limit?.window.kind === 'token-bucket' ? (limit.cap ?? 0n) * BigInt(limit.window.ms) : null;
  return { limitId, start, spent: 0n, out: 0n, level, levelAt: now, fired: [] };
}

/** Refills a token bucket: as much as its cap in each window, up to its cap. */
export function refill(counter: Counter, { cap, window }: Limit, now: number): void {
  if (counter.level === null || cap === null || window.kind !== 'token-bucket') return;
  const full = cap * BigInt(window.ms);
  const refilled = counter.level + cap * BigInt(Math.max(0, now - counter.levelAt));
  counter.level = refilled < full ? refilled : full;
  counter.levelAt = Math.max(now, counter.levelAt);
}

/** Takes an amount out to a lease. */
export function take(counter: Counter, { window }: Limit, amount: bigint): void {
  counter.out += amount;
  if (counter.level !== null && window.kind === 'token-bucket') counter.level -= amount * BigInt(window.ms);
}

/** What a lease released: `spent` of it is used, the rest is there for others again. */
export function settle(counter: Counter, limit: Limit | undefined, spent: bigint, released: bigint): void {
  counter.spent += spent;
  counter.out -= released;
  const unused = released - spent;
  if (counter.level !== null && limit?.window.kind === 'token-bucket')
    counter.level += unused * BigInt(limit.window.ms);
}

/** What a lease that expired tells later: what it gave back then counts no more as spent, but what it used does. */
export function correct(counter: Counter, limit: Limit | undefined, spent: bigint, released: bigint): void {
  counter.spent += spent - released;
  if (counter.level !== null && limit?.window.kind === 'token-bucket') {
    counter.level += (released - spent) * BigInt(limit.window.ms);
  }
}

/** Room that a limit has at `now`; null where it has no end. `counters` are all of the limit's. */
export function roomOf(limit: Limit, counters: Iterable<Counter>, now: number): bigint | null {
  const { cap, window, isEnforced } = limit;
  if (cap === null || !isEnforced) return null;
  let taken = 0n;
  for (const counter of counters) {
    if (window.kind === 'token-bucket') {
      if (counter.level === null) continue;
      refill(counter, limit, now);
      return counter.level / BigInt(window.ms);
    }
    if (isLive(window, counter.start, now)) taken += counter.spent + counter.out;
  }
  return cap - taken;
}

/** How long until a limit has room for `amount`; null when only a change of the limit can make it. */
export function roomAfterMs(limit: Limit, counters: readonly Counter[], amount: bigint, now: number): number | null {
  const { cap, window } = limit;
  if (cap === null || amount > cap) return null;
  if (window.kind === 'open') return OPEN_RETRY_MS;
  if (window.kind === 'token-bucket') {
    const missing = amount * BigInt(window.ms) - (counters.find(({ level }) => level !== null)?.level ?? 0n);
    return missing <= 0n ? 0 : Number((missing + cap - 1n) / cap);
  }
  let room = roomOf(limit, counters, now) ?? 0n;
  const live = counters.filter(({ start }) => isLive(window, start, now)).toSorted((a, b) => a.start - b.start);
  for (const counter of live) {
    room += counter.spent + counter.out;
    const at = freedAt(window, counter.start, now);
    if (room >= amount) return at === null ? null : at - now;
  }
  const { end } = slotOf(window, now);
  return end === Number.POSITIVE_INFINITY ? null : end - now;
}

/** What is suggested to those who wait for others to end. */
const OPEN_RETRY_MS = 1_000;
