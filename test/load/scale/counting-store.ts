import {
  OUTBOX_DELAY_MS,
  OUTBOX_ROW_BYTES,
  UNWATCHED_EVENTS_PAUSE_MS,
} from '../../../durable-objects/tenant-gate/constants.ts';
import type { HoldCommand } from '../../../shared/contracts/rpc.ts';
import type { BookStore } from '../../../shared/domain/admission/book-store.ts';
import type { Counter } from '../../../shared/domain/admission/counter.ts';
import type { Lease } from '../../../shared/domain/admission/lease.ts';
import type { GateTally } from './gate-tally.ts';

/**
 * Rows that SQLite counts for a statement, indexes included: a hold and an outbox row have one each, and the outbox's
 * sequence is a row too.
 */
export const ROWS = {
  counter: 1,
  lease: 1,
  holdAdded: 2,
  holdDeleted: 1,
  outboxAdded: 3,
  outboxTaken: 2,
  confirmed: 1,
  alarm: 1,
  allotments: 1,
  /** To the row of those that the hub is to be told of. */
  toldAdded: 1,
  /** To empty that row, and of the hub: one of its window and one for the sender. */
  toldTaken: 3,
};
/** Rows that it reads for an outbox row: to take it, to mark it as sent, and to delete it. */
export const ROWS_READ = 6;

/** The events of one command, on their way to the ledger. */
export interface OutboxRow {
  readonly events: number;
  readonly bytes: number;
  readonly due: number;
}

/** A book's store that counts the rows of its statements. Keeps the holds, which the rules ask for, and the outbox. */
export class CountingStore implements BookStore {
  readonly #tally: GateTally;
  readonly #now: () => number;
  readonly #holds = new Map<string, Map<string, string>>();
  readonly #leaseOf = new Map<string, string>();
  #outbox: OutboxRow[] = [];
  #toldUntil = Number.NEGATIVE_INFINITY;

  constructor(tally: GateTally, now: () => number) {
    this.#tally = tally;
    this.#now = now;
  }

  putCounter(_counter: Counter): void {
    this.#wrote(ROWS.counter);
  }

  deleteCounter(): void {
    this.#wrote(ROWS.counter);
  }

  putLease(_lease: Lease): void {
    this.#wrote(ROWS.lease);
  }

  deleteLease(): void {
    this.#wrote(ROWS.lease);
  }

  putHolds(leaseId: string, holds: readonly (readonly [requestId: string, text: string])[]): void {
    const own = this.#holds.get(leaseId) ?? new Map<string, string>();
    this.#holds.set(leaseId, own);
    for (const [requestId, text] of holds) {
      own.set(requestId, text);
      this.#leaseOf.set(requestId, leaseId);
    }
    this.#wrote(holds.length * ROWS.holdAdded);
    this.tell(this.#now());
  }

  deleteHolds(requestIds: readonly string[]): void {
    for (const requestId of requestIds) {
      if (this.#ofHold(requestId)?.delete(requestId)) this.#wrote(ROWS.holdDeleted);
      this.#leaseOf.delete(requestId);
    }
  }

  deleteHoldsOf(leaseId: string): void {
    this.#wrote((this.#holds.get(leaseId)?.size ?? 0) * ROWS.holdDeleted);
    this.#holds.delete(leaseId);
  }

  readHold(requestId: string): string | null {
    return this.#ofHold(requestId)?.get(requestId) ?? null;
  }

  holdsOf(leaseId: string): readonly string[] {
    return [...(this.#holds.get(leaseId)?.values() ?? [])];
  }

  noteGivenUp(_command: HoldCommand, now: number): void {
    this.tell(now);
  }

  /** The hub is told, where nobody reads together with what comes within a second. */
  tell(now: number): void {
    this.#wrote(ROWS.toldAdded);
    if (now < this.#toldUntil) return;
    this.#toldUntil = now + UNWATCHED_EVENTS_PAUSE_MS;
    this.#tally.takes += 1;
    this.#wrote(ROWS.toldTaken);
  }

  append(events: readonly string[], now: number): void {
    this.tell(now);
    let [count, bytes] = [0, 0];
    const write = () => {
      if (count === 0) return;
      this.#outbox.push({ events: count, bytes, due: now + OUTBOX_DELAY_MS });
      this.#wrote(ROWS.outboxAdded);
    };
    for (const event of events) {
      if (bytes + event.length > OUTBOX_ROW_BYTES) {
        write();
        [count, bytes] = [0, 0];
      }
      count += 1;
      bytes += event.length;
    }
    write();
  }

  /** Takes the outbox rows that are to be sent: with the first that is due all there are, since none is sent twice here. */
  takeDue(now: number): OutboxRow[] {
    if ((this.nextDue ?? Number.POSITIVE_INFINITY) > now) return [];
    const due = this.#outbox;
    this.#outbox = [];
    this.#wrote(due.length * ROWS.outboxTaken);
    return due;
  }

  get nextDue(): number | undefined {
    return this.#outbox[0]?.due;
  }

  #ofHold(requestId: string): Map<string, string> | undefined {
    return this.#holds.get(this.#leaseOf.get(requestId) ?? '');
  }

  #wrote(rows: number): void {
    this.#tally.rowsWritten += rows;
  }
}
