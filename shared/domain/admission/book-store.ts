import type { HoldCommand } from '../../contracts/rpc.ts';
import type { Counter } from './counter.ts';
import type { Lease } from './lease.ts';

/** What the book keeps outside memory. Every call is made within the transaction of the command that causes it. */
export interface BookStore {
  putCounter(counter: Counter): void;
  deleteCounter(limitId: string, start: number): void;
  putLease(lease: Lease): void;
  deleteLease(leaseId: string): void;
  putHolds(leaseId: string, holds: readonly (readonly [requestId: string, text: string])[]): void;
  deleteHolds(requestIds: readonly string[]): void;
  deleteHoldsOf(leaseId: string): void;
  readHold(requestId: string): string | null;
  holdsOf(leaseId: string): readonly string[];
  /** A hold that is given back was never called for: nothing is recorded of it. */
  noteGivenUp(command: HoldCommand, now: number): void;
  /** Texts of events that Postgres must come to have. */
  append(events: readonly string[], now: number): void;
}

/** What a book begins with. */
export interface BookState {
  readonly counters: Iterable<Counter>;
  readonly leases: Iterable<Lease>;
}
