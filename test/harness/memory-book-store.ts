import type { BookState, BookStore } from '../../shared/domain/admission/book-store.ts';
import { type Counter, counterKey } from '../../shared/domain/admission/counter.ts';
import type { Lease } from '../../shared/domain/admission/lease.ts';

/** What a command of a book does not survive. */
export class Crash extends Error {}

/**
 * A book's store in memory. Everything is copied, as by a database; a command that throws leaves nothing; with `crashIn`
 * the command under way is cut off at one of its writes.
 */
export class MemoryBookStore implements BookStore {
  readonly counters = new Map<string, Counter>();
  readonly leases = new Map<string, Lease>();
  readonly holds = new Map<string, { readonly leaseId: string; readonly text: string }>();
  readonly events: string[] = [];
  /** Writes until a crash; null: none. */
  crashIn: number | null = null;
  /** Counters that the last transaction wrote. */
  written = new Set<string>();
  #undo: (() => void)[] = [];
  readonly #holdsOf = new Map<string, Set<string>>();

  transaction<T>(command: () => T): T {
    this.#undo = [];
    this.written = new Set();
    try {
      return command();
    } catch (error) {
      for (const undo of this.#undo.reverse()) undo();
      throw error;
    } finally {
      this.crashIn = null;
    }
  }

  /** What a book that is built anew begins with. */
  read(): BookState {
    return { counters: [...this.counters.values()].map(copyOf), leases: [...this.leases.values()].map(leaseCopyOf) };
  }

  putCounter(counter: Counter): void {
    const key = counterKey(counter.limitId, counter.start);
    this.written.add(key);
    this.#set(this.counters, key, copyOf(counter));
  }

  deleteCounter(limitId: string, start: number): void {
    this.#set(this.counters, counterKey(limitId, start), undefined);
  }

  putLease(lease: Lease): void {
    this.#set(this.leases, lease.leaseId, leaseCopyOf(lease));
  }

  deleteLease(leaseId: string): void {
    this.#set(this.leases, leaseId, undefined);
  }

  putHolds(leaseId: string, holds: readonly (readonly [requestId: string, text: string])[]): void {
    for (const [requestId, text] of holds) this.#putHold(requestId, { leaseId, text });
  }

  deleteHolds(requestIds: readonly string[]): void {
    for (const requestId of requestIds) this.#putHold(requestId, undefined);
  }

  deleteHoldsOf(leaseId: string): void {
    for (const requestId of [...(this.#holdsOf.get(leaseId) ?? [])]) this.#putHold(requestId, undefined);
  }

  readHold(requestId: string): string | null {
    return this.holds.get(requestId)?.text ?? null;
  }

  holdsOf(leaseId: string): string[] {
    return [...(this.#holdsOf.get(leaseId) ?? [])].map((requestId) => this.holds.get(requestId)?.text ?? '');
  }

  noteGivenUp(): void {
    this.#write();
  }

  append(events: readonly string[]): void {
    this.#write();
    const { length } = this.events;
    this.#undo.push(() => this.events.splice(length));
    this.events.push(...events);
  }

  #putHold(requestId: string, hold: { readonly leaseId: string; readonly text: string } | undefined): void {
    const previous = this.holds.get(requestId);
    this.#index(requestId, previous, hold);
    this.#undo.push(() => this.#index(requestId, hold, previous));
    this.#set(this.holds, requestId, hold);
  }

  #index(
    requestId: string,
    from: { readonly leaseId: string } | undefined,
    to: { readonly leaseId: string } | undefined,
  ) {
    if (from) this.#holdsOf.get(from.leaseId)?.delete(requestId);
    if (!to) return;
    const own = this.#holdsOf.get(to.leaseId) ?? new Set<string>();
    this.#holdsOf.set(to.leaseId, own.add(requestId));
  }

  #set<V>(rows: Map<string, V>, key: string, value: V | undefined): void {
    this.#write();
    const previous = rows.get(key);
    const put = (row: V | undefined) => void (row === undefined ? rows.delete(key) : rows.set(key, row));
    this.#undo.push(() => put(previous));
    put(value);
  }

  #write(): void {
    if (this.crashIn !== null && this.crashIn-- <= 0) throw new Crash('cut off in the middle of a command');
  }
}

function copyOf(counter: Counter): Counter {
  return { ...counter, fired: [...counter.fired] };
}

function leaseCopyOf(lease: Lease): Lease {
  return { ...lease, amounts: new Map([...lease.amounts].map(([key, amount]) => [key, { ...amount }])) };
}
