import type { Slice, Statement, SyncCommand, SyncReply, TopUp } from '../../contracts/rpc.ts';
import { type Counter, counterKey } from './counter.ts';
import type { Limit } from './limit.ts';
import { slotOf } from './window.ts';

/** What a shard has of one counter of its root. */
interface Allotment {
  readonly limitId: string;
  readonly start: number;
  readonly end: number;
  /** All that the root gave, less what went back unused; null for a limit without an end, of which nothing is given. */
  given: bigint | null;
  /** How much the root knows to be spent. */
  told: bigint;
}

/** A shard's dealings with its root, as they are kept. */
export interface AllotmentState {
  readonly leaseId: string;
  readonly sequence: number;
  /** The root has ended the lease: what was given only goes back. */
  readonly isOver: boolean;
  /** Requests that began here. */
  readonly requests: number;
  readonly allotments: readonly Allotment[];
  /** A call that was not answered: it is made again as it was. */
  readonly unanswered: SyncCommand | null;
}

/** What a shard's own counter says, and how much of what is out is held for requests that run. */
export type Use = Pick<Counter, 'limitId' | 'start' | 'spent' | 'out'> & { readonly held: bigint };

/** Beside what is missing, a shard asks for so many times as much for what may come. */
const AHEAD = 15n;

export function newAllotments(leaseId: string): AllotmentState {
  return { leaseId, sequence: 0, isOver: false, requests: 0, allotments: [], unanswered: null };
}

/**
 * What one of a tenant's shards has of the tenant's limits. Towards its root it is a lease like any other; towards isolates
 * it gives out no more than it was given. So the sum over all shards stays within each cap, and none asks while it has room.
 */
export class Allotments {
  #state: Omit<AllotmentState, 'allotments'>;
  readonly #allotments: Map<string, Allotment>;
  readonly #generateId: () => string;
  /** Missing for requests that wait, by counter. */
  readonly #missing = new Map<string, Slice>();
  /** Counters that requests needed since the last renewal. */
  #needed = new Set<string>();

  constructor({ allotments, ...state }: AllotmentState, generateId: () => string) {
    this.#state = state;
    this.#generateId = generateId;
    this.#allotments = new Map(allotments.map((one) => [counterKey(one.limitId, one.start), one]));
  }

  get state(): AllotmentState {
    return { ...this.#state, allotments: [...this.#allotments.values()] };
  }

  /** The root has nothing to take back and nothing to hear. */
  get isIdle(): boolean {
    const isSettled = ({ given, told }: Allotment) => given === null || given === told;
    return this.#state.unanswered === null && [...this.#allotments.values()].every(isSettled);
  }

  /** Room in the present slot of a limit; null where the limit has no end. */
  room(limit: Limit, counters: Iterable<Counter>, now: number): bigint | null {
    if (limit.cap === null || !limit.isEnforced) return null;
    const { start } = slotOf(limit.window, now);
    let room = this.#allotments.get(counterKey(limit.id, start))?.given ?? 0n;
    for (const counter of counters) if (counter.start === start) room -= counter.spent + counter.out;
    return room;
  }

  /** If the root has yet to hear of a counter, or to get something of it back. */
  isUntold({ limitId, start, spent }: Counter): boolean {
    const { given = null, told = 0n } = this.#allotments.get(counterKey(limitId, start)) ?? {};
    return spent !== told || (given !== null && given !== told);
  }

  countRequests(requests: number): void {
    this.#state = { ...this.#state, requests: this.#state.requests + requests };
  }

  /** Notes what a request needs of a limit that has `room`; false when some of it is missing. */
  need(limit: Limit, amount: bigint, room: bigint | null, now: number): boolean {
    if (room === null) return true;
    const { start, end } = slotOf(limit.window, now);
    const key = counterKey(limit.id, start);
    this.#needed.add(key);
    if (room >= amount) return true;
    const missing = (this.#missing.get(key)?.amount ?? 0n) + amount - (room > 0n ? room : 0n);
    this.#missing.set(key, { limitId: limit.id, start, end, amount: missing });
    return false;
  }

  /** The next call to the root. With `isRenewal`, what no request needed lately goes back. */
  compose(uses: readonly Use[], knownConfigVersion: number, now: number, isRenewal: boolean): SyncCommand {
    const { unanswered } = this.#state;
    if (unanswered) return unanswered;
    if (this.#state.isOver && this.isIdle) {
      this.#state = { ...this.#state, leaseId: this.#generateId(), sequence: 0, isOver: false };
    }
    const statements = this.#statements(uses, now, isRenewal);
    const topUps = [...this.#missing.values()].flatMap(({ limitId, start, amount }): TopUp[] => [
      { limitId, start, amount, least: 1n, isNeeded: true },
      { limitId, start, amount: amount * AHEAD, least: amount },
    ]);
    this.#missing.clear();
    if (isRenewal) this.#needed = new Set();
    const { leaseId, requests } = this.#state;
    const sequence = this.#state.sequence + 1;
    const command: SyncCommand = {
      ...{ leaseId, sequence, knownConfigVersion, statements, topUps, isShard: true, indexThrough: requests },
      ...{ events: [], settledIds: [], canceledIds: [], started: [], permits: 0, pattern: null, isIdle: this.isIdle },
    };
    this.#state = { ...this.#state, sequence, unanswered: command };
    return command;
  }

  accept({ state, grants }: Pick<SyncReply, 'state' | 'grants'>): void {
    this.#state = { ...this.#state, unanswered: null, isOver: state === 'expired' };
    for (const slice of grants) {
      const allotment = this.#allotmentOf(slice.limitId, slice.start, slice.end);
      // What was spent before the limit refused came out of nothing that the root gave.
      allotment.given = (allotment.given ?? allotment.told) + slice.amount;
    }
  }

  #statements(uses: readonly Use[], now: number, isRenewal: boolean): Statement[] {
    const used = new Map(uses.map((use) => [counterKey(use.limitId, use.start), use]));
    for (const { limitId, start } of uses) this.#allotmentOf(limitId, start, Number.POSITIVE_INFINITY);
    return [...this.#allotments].flatMap(([key, allotment]): Statement[] => {
      const { limitId, start, end, given, told } = allotment;
      const { spent, out, held } = used.get(key) ?? { spent: told, out: 0n, held: 0n };
      const isUnneeded = now >= end || this.#state.isOver || (isRenewal && !this.#needed.has(key));
      const unused = given !== null && isUnneeded ? given - spent - out : 0n;
      const back = unused > 0n ? unused : 0n;
      const news = spent - told;
      allotment.told = spent;
      // What was spent beyond it, while the limit did not refuse, came out of nothing that the root gave.
      if (given !== null) allotment.given = given - back < spent ? spent : given - back;
      const isOver = !used.has(key) && (given === null || allotment.given === spent);
      if (isOver) this.#allotments.delete(key);
      if (news === 0n && back === 0n && !isRenewal) return [];
      return [{ limitId, start, spent: news, released: given === null ? 0n : news + back, held }];
    });
  }

  #allotmentOf(limitId: string, start: number, end: number): Allotment {
    const key = counterKey(limitId, start);
    const known = this.#allotments.get(key) ?? { limitId, start, end, given: null, told: 0n };
    this.#allotments.set(key, known);
    return known;
  }
}
