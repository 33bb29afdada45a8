import type { LimitStatus } from '../../contracts/limits.ts';
import type {
  Amount,
  HoldCommand,
  HoldDecision,
  HoldRefusal,
  HoldReply,
  HoldRequest,
  RateStatus,
  Slice,
  Statement,
  SyncCommand,
  SyncReply,
  TopUp,
} from '../../contracts/rpc.ts';
import type { TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import type { Allotments, Use } from './allotments.ts';
import { mostUsedBy } from './amounts-asked.ts';
import type { BookState, BookStore } from './book-store.ts';
import { fireThresholds } from './budget-thresholds.ts';
import { type Counter, correct, counterKey, newCounter, refill, roomAfterMs, roomOf, settle, take } from './counter.ts';
import { EndedRequests } from './ended-requests.ts';
import { type HoldText, readHoldText, sumOf, writeHoldText } from './hold-text.ts';
import { type Lease, type LeaseAmount, newLease } from './lease.ts';
import { ALL_MONEY, type Limit, type Limits, limitsFor, limitsOf, mayCount, mostOf } from './limit.ts';
import { type LimitReached, lastToHaveRoom } from './limit-reached.ts';
import { rateOf, statusOf } from './limit-status.ts';
import { asCorrection, lostRequest, shareOf, untoldOf, voidLost, voidUntold } from './lost-requests.ts';
import { toLostRecord } from './request-event.ts';
import { isLive, slotOf } from './window.ts';

/** How long a lease lives without a word from its isolate, which speaks at least three times in that time. */
export const LEASE_TTL_MS = 9_000;

/** How long an expired or idle lease is remembered, so that a late settlement can correct its estimate. */
export const LATE_SETTLEMENT_MS = 3_600_000;

/** A slice is at most this part of the room that is left. Below that, each request asks for itself. */
const SHARE_OF_ROOM = 16n;

/**
 * A tenant's counters and leases, and the rules by which they change: for every enforced limit, what is spent and what is
 * out on leases stays within the cap, whatever is asked. Deterministic: time comes with each command, and what must last
 * goes to `store`. A command that throws leaves the book unfit: build it anew from what the store has.
 */
export class AdmissionBook {
  readonly #store: BookStore;
  readonly #counters = new Map<string, Map<number, Counter>>();
  readonly #leases = new Map<string, Lease>();
  readonly #dirty = new Set<Counter>();
  readonly #ended = new EndedRequests();
  readonly #generateId: () => string;
  readonly #allotments: Allotments | null;

  /** With `allotments` it is the book of a shard: its room is what the root has given it. */
  constructor(
    store: BookStore,
    { counters, leases }: BookState,
    generateId: () => string,
    allotments: Allotments | null = null,
  ) {
    this.#store = store;
    this.#generateId = generateId;
    this.#allotments = allotments;
    for (const counter of counters) this.#slotsOf(counter.limitId).set(counter.start, counter);
    for (const lease of leases) this.#leases.set(lease.leaseId, lease);
  }

  /** Sets the most that a request can use aside, if every limit has room for it. What is refused writes nothing. */
  hold(snapshot: TenantSnapshot, { leaseId, hold, knownConfigVersion }: HoldRequest, now: number): Answer<HoldReply> {
    const limits = limitsOf(snapshot);
    const news = newsOf(snapshot, knownConfigVersion);
    const answer = (decision: HoldDecision) => ({ decision, rates: this.#rates(limits, now), ...news });
    const lease = this.#leases.get(leaseId) ?? newLease(leaseId);
    if (lease.isExpired || this.#ended.has(hold.requestId)) return answer({ kind: 'stale' });
    const known = this.#store.readHold(hold.requestId);
    if (known !== null) return answer({ kind: 'granted', draws: readHoldText(known).draws });
    if (news.snapshot) return answer({ kind: 'stale' });
    const refusal = this.#refusalOf(snapshot, limits, hold, now);
    if (refusal) return answer({ kind: 'refused', refusal });
    this.#leases.set(leaseId, lease);
    const most = mostUsedBy(hold);
    const draws = limitsFor(limits, hold).map((limit) =>
      this.#lease(limit, lease, mostOf(limit.unit, most), now, true),
    );
    this.#store.putHolds(leaseId, [[hold.requestId, writeHoldText(hold, draws)]]);
    lease.isIdle = false;
    lease.deadline = now + LEASE_TTL_MS;
    this.#flush(limits, now);
    this.#store.putLease(lease);
    return answer({ kind: 'granted', draws });
  }

  /** Takes in what a lease tells, then gives it what it asks for, as far as there is room. */
  sync(snapshot: TenantSnapshot, command: SyncCommand, now: number): Answer<SyncReply> & { readonly begun: number } {
    const limits = limitsOf(snapshot);
    const news = newsOf(snapshot, command.knownConfigVersion);
    const lease = this.#leases.get(command.leaseId) ?? newLease(command.leaseId);
    let begun = 0;
    if (command.sequence > lease.sequence) {
      begun = Math.max(0, command.indexThrough - lease.indexThrough);
      this.#leases.set(lease.leaseId, lease);
      this.#settle(limits, lease, command, now);
      const isEnded = news.snapshot !== undefined || lease.isExpired;
      lease.sequence = command.sequence;
      lease.isShard = command.isShard ?? false;
      lease.lastGrants = isEnded ? [] : command.topUps.flatMap((topUp) => this.#topUp(limits, lease, topUp, now));
      lease.pattern = command.pattern ?? lease.pattern;
      lease.indexThrough = command.indexThrough;
      lease.indexLimit = command.indexThrough + (lease.isExpired || !lease.pattern ? 0 : command.permits);
      lease.isIdle = command.isIdle && lease.amounts.size === 0;
      if (!lease.isExpired) lease.deadline = now + (lease.isIdle ? LATE_SETTLEMENT_MS : LEASE_TTL_MS);
      this.#flush(limits, now);
      this.#store.putLease(lease);
    }
    const { lastGrants: grants, indexLimit, isExpired } = lease;
    return {
      begun,
      state: isExpired ? 'expired' : 'open',
      grants,
      indexLimit,
      rates: this.#rates(limits, now),
      ...news,
    };
  }

  /** Ends the leases whose time is over: what they had counts as spent until someone corrects it. */
  expire(snapshot: TenantSnapshot, now: number): void {
    const limits = limitsOf(snapshot);
    for (const lease of this.#leases.values()) {
      if (lease.deadline > now) continue;
      if (lease.isExpired || lease.isIdle) {
        this.#leases.delete(lease.leaseId);
        this.#store.deleteHoldsOf(lease.leaseId);
        this.#store.deleteLease(lease.leaseId);
      } else {
        this.#expireLease(limits, lease, now);
        this.#store.putLease(lease);
      }
    }
    this.#flush(limits, now);
  }

  /** Looks at what is counted by a configuration that is new: a smaller budget has reached thresholds without a request. */
  configure(snapshot: TenantSnapshot, now: number): void {
    for (const { id, kind, window } of limitsOf(snapshot).values()) {
      const counters = kind === 'budget' ? this.#slotsOf(id).values() : [];
      for (const counter of counters) if (isLive(window, counter.start, now)) this.#dirty.add(counter);
    }
    this.#flush(limitsOf(snapshot), now);
  }

  /** When the first lease ends, or null. */
  nextDeadline(): number | null {
    let next: number | null = null;
    for (const { deadline } of this.#leases.values()) next = next === null ? deadline : Math.min(next, deadline);
    return next;
  }

  /** Notes with a shard's allotments what is asked of it; false when the root must be asked first. */
  prepare(snapshot: TenantSnapshot, asked: readonly Pick<Amount, 'limitId' | 'amount'>[], now: number): boolean {
    const limits = limitsOf(snapshot);
    const isThere = asked.map(({ limitId, amount }) => {
      const limit = limits.get(limitId);
      return !limit || !this.#allotments || this.#allotments.need(limit, amount, this.#room(limit, now), now);
    });
    return isThere.every(Boolean);
  }

  /** What each counter has spent and given out. */
  uses(): Use[] {
    const counters = [...this.#counters.values()].flatMap((slots) => [...slots.values()]);
    return counters.map(({ limitId, start, spent, out }) => {
      return { limitId, start, spent, out, held: this.#heldOf(limitId, start) };
    });
  }

  /** Every limit of the tenant as it stands. */
  status(snapshot: TenantSnapshot, now: number): LimitStatus[] {
    return [...limitsOf(snapshot).values()].flatMap((limit) => this.#statusOf(limit, now) ?? []);
  }

  /** What is spent and out in all of a limit's counters: for proofs. */
  totals(limitId: string): { readonly spent: bigint; readonly out: bigint } {
    let [spent, out] = [0n, 0n];
    for (const counter of this.#slotsOf(limitId).values()) {
      spent += counter.spent;
      out += counter.out;
    }
    return { spent, out };
  }

  #settle(limits: Limits, lease: Lease, command: SyncCommand, now: number): void {
    const events = lease.isExpired ? command.events.map((text) => asCorrection(lease, text)) : [...command.events];
    const canceled = command.canceledIds.flatMap((requestId) => {
      const text = this.#store.readHold(requestId);
      return text === null ? [] : [readHoldText(text)];
    });
    const ended = [...command.settledIds, ...command.canceledIds];
    if (ended.length > 0) this.#store.deleteHolds(ended);
    this.#ended.add(ended, now);
    for (const hold of canceled) {
      this.#giveBack(limits, lease, hold, now);
      if (lease.isExpired) events.push(...voidLost(lease, hold.command, now));
      else this.#store.noteGivenUp(hold.command, now);
    }
    for (const statement of command.statements) this.#state(limits, lease, statement, now);
    if (!lease.isExpired) {
      if (command.started.length > 0) this.#store.putHolds(lease.leaseId, command.started);
    } else if (command.isIdle && command.isOver) events.push(...voidUntold(lease, now));
    if (events.length > 0) this.#store.append(events, now);
  }

  #state(limits: Limits, lease: Lease, { limitId, start, ...told }: Statement, now: number): void {
    const key = counterKey(limitId, start);
    const amount = lease.amounts.get(key);
    const limit = limits.get(limitId);
    // What was free in a lease that expired went back then; what is released first must not be taken from what still runs.
    const kept = lease.isExpired ? told.held : 0n;
    const released = amount === undefined ? 0n : least(told.released, amount.amount - least(amount.amount, kept));
    const isForgotten = limit && !this.#slotsOf(limitId).has(start) && !isLive(limit.window, start, now);
    if (!isForgotten || this.#allotments) {
      const counter = this.#counter(limit, limitId, start, now);
      if (limit) refill(counter, limit, now);
      if (lease.isExpired) correct(counter, limit, told.spent, released);
      else settle(counter, limit, told.spent, released);
      this.#dirty.add(counter);
    }
    if (!amount) return;
    amount.amount -= released;
    amount.held = told.held;
    if (amount.amount === 0n) lease.amounts.delete(key);
  }

  #refusalOf(snapshot: TenantSnapshot, limits: Limits, hold: HoldCommand, now: number): HoldRefusal | null {
    if (snapshot.status === 'suspended') return { reason: 'tenant_suspended' };
    if (hold.apiKeyId !== null && !snapshot.apiKeys.some(({ id }) => id === hold.apiKeyId)) {
      return { reason: 'key_revoked' };
    }
    const most = mostUsedBy(hold);
    const reached: LimitReached[] = [];
    for (const limit of limitsFor(limits, hold)) {
      if (limit.kind === 'budget' && limit.isEnforced && !hold.isPriced) {
        return { reason: 'unpriced_under_budget', budgetName: limit.name };
      }
      const asked = mostOf(limit.unit, most);
      const room = this.#room(limit, now);
      const status = room === null || room >= asked ? null : this.#statusOf(limit, now);
      if (!status) continue;
      const retryAfterMs = roomAfterMs(limit, [...this.#slotsOf(limit.id).values()], asked, now);
      reached.push({ reason: 'limit_reached', limit: status, asked, retryAfterMs, queueMs: limit.queueMs });
    }
    return lastToHaveRoom(reached);
  }

  #giveBack(limits: Limits, lease: Lease, { draws }: HoldText, now: number): void {
    for (const { limitId, start, amount } of draws) {
      const held = lease.amounts.get(counterKey(limitId, start))?.held ?? 0n;
      const left = held - least(held, amount);
      this.#state(limits, lease, { limitId, start, spent: 0n, released: amount, held: left }, now);
    }
  }

  /** A slice of what is left, unless that is so little that requests had better ask one by one. */
  #topUp(limits: Limits, lease: Lease, topUp: TopUp, now: number): Slice[] {
    const { limitId, start, amount, least: useful } = topUp;
    const limit = limits.get(limitId);
    if (!limit || slotOf(limit.window, now).start !== start) return [];
    const room = this.#room(limit, now);
    const share = topUp.isNeeded || this.#allotments ? 1n : SHARE_OF_ROOM;
    const granted = room === null ? amount : least(amount, room / share);
    return granted < useful || granted <= 0n ? [] : [this.#lease(limit, lease, granted, now, false)];
  }

  #lease(limit: Limit, lease: Lease, amount: bigint, now: number, isHeld: boolean): Slice {
    const { start, end } = slotOf(limit.window, now);
    const counter = this.#counter(limit, limit.id, start, now);
    take(counter, limit, amount);
    this.#dirty.add(counter);
    const key = counterKey(limit.id, start);
    const has = lease.amounts.get(key) ?? { limitId: limit.id, start, amount: 0n, held: 0n };
    has.amount += amount;
    if (isHeld) has.held += amount;
    lease.amounts.set(key, has);
    return { limitId: limit.id, start, end, amount };
  }

  #expireLease(limits: Limits, lease: Lease, now: number): void {
    const holds = this.#store.holdsOf(lease.leaseId).map(readHoldText);
    const held = sumOf(holds);
    const heldIds = new Set(holds.map(({ command }) => command.requestId));
    lease.untold = lease.pattern ? untoldOf(lease, heldIds) : [];
    const untold = lease.untold.length;
    const events = holds.map(({ command }) => toLostRecord(command, now));
    const money = lease.amounts.get(counterKey(ALL_MONEY.id, 0))?.amount ?? 0n;
    const rest = money - (held.get(counterKey(ALL_MONEY.id, 0)) ?? 0n);
    events.push(...lease.untold.map((index, at) => lostRequest(lease, index, shareOf(rest, untold, at), now)));
    for (const [key, amount] of lease.amounts) {
      const limit = limits.get(amount.limitId);
      const counter = this.#counter(limit, amount.limitId, amount.start, now);
      // Nobody runs any more; and what no request can have begun on is there for others again.
      const isGone = limit?.unit === 'concurrent';
      const lost = isGone
        ? 0n
        : untold > 0 || lease.isShard
          ? amount.amount
          : least(amount.amount, held.get(key) ?? 0n);
      if (limit) refill(counter, limit, now);
      settle(counter, limit, lost, amount.amount);
      this.#dirty.add(counter);
      if (lost === 0n) lease.amounts.delete(key);
      else Object.assign(amount, { amount: lost, held: 0n } satisfies Partial<LeaseAmount>);
    }
    lease.isExpired = true;
    lease.indexLimit = 0;
    lease.deadline = now + LATE_SETTLEMENT_MS;
    lease.lost = [...heldIds];
    if (events.length > 0)
      this.#store.append(
        events.map((event) => JSON.stringify(event)),
        now,
      );
  }

  #rates(limits: Limits, now: number): RateStatus[] {
    return [...limits.values()].flatMap((limit) => rateOf(limit, () => this.#room(limit, now), now) ?? []);
  }

  #statusOf(limit: Limit, now: number): LimitStatus | null {
    const counters = [...this.#slotsOf(limit.id).values()];
    const held = (start: number) => this.#heldOf(limit.id, start);
    return statusOf(limit, { counters, held, room: this.#room(limit, now) }, now);
  }

  #heldOf(limitId: string, start: number): bigint {
    const key = counterKey(limitId, start);
    let held = 0n;
    for (const lease of this.#leases.values()) if (!lease.isExpired) held += lease.amounts.get(key)?.held ?? 0n;
    return held;
  }

  /** If a counter still counts or may again, or the root has yet to hear of it. */
  #isKept(counter: Counter, limit: Limit | undefined, now: number): boolean {
    if (counter.out !== 0n || (limit && mayCount(limit, counter.start, now))) return true;
    return this.#allotments?.isUntold(counter) ?? false;
  }

  #room(limit: Limit, now: number): bigint | null {
    if (this.#allotments) return this.#allotments.room(limit, this.#slotsOf(limit.id).values(), now);
    if (limit.window.kind === 'token-bucket') this.#counter(limit, limit.id, 0, now);
    return roomOf(limit, this.#slotsOf(limit.id).values(), now);
  }

  #counter(limit: Limit | undefined, limitId: string, start: number, now: number): Counter {
    const slots = this.#slotsOf(limitId);
    const known = slots.get(start);
    if (known) return known;
    const counter = newCounter(limit, limitId, start, now);
    slots.set(start, counter);
    return counter;
  }

  #slotsOf(limitId: string): Map<number, Counter> {
    const known = this.#counters.get(limitId);
    if (known) return known;
    const slots = new Map<number, Counter>();
    this.#counters.set(limitId, slots);
    return slots;
  }

  /** Writes what changed, tells of thresholds that were reached, and forgets counters that count no more. */
  #flush(limits: Limits, now: number): void {
    for (const counter of this.#dirty) {
      const limit = limits.get(counter.limitId);
      if (limit?.kind === 'budget' && !this.#allotments) {
        const reached = fireThresholds(limit, { counter, slots: this.#slotsOf(limit.id) }, now, this.#generateId);
        if (reached.length > 0) this.#store.append(reached, now);
      }
      if (this.#isKept(counter, limit, now)) this.#store.putCounter(counter);
      for (const other of this.#slotsOf(counter.limitId).values()) {
        if (this.#isKept(other, limit, now)) continue;
        this.#slotsOf(counter.limitId).delete(other.start);
        this.#store.deleteCounter(other.limitId, other.start);
      }
    }
    this.#dirty.clear();
  }
}

/** An answer, but for what only the object knows. */
type Answer<Reply> = Omit<Reply, 'shards'>;

function newsOf(snapshot: TenantSnapshot, knownConfigVersion: number) {
  const { configVersion } = snapshot;
  return { configVersion, ...(configVersion > knownConfigVersion && { snapshot }) };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
