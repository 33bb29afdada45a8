import type { HoldCommand, Slice } from '../../contracts/rpc.ts';

/** What a lease has of one counter. */
export interface LeaseAmount {
  readonly limitId: string;
  readonly start: number;
  amount: bigint;
  /** How much of it is set aside for requests that run, as the isolate told last. */
  held: bigint;
}

/** What an isolate has of a tenant's limits. */
export interface Lease {
  readonly leaseId: string;
  /** It is one of the tenant's own objects, which keeps the holds and records of its requests itself. */
  isShard: boolean;
  /** Of the last call that was taken in. */
  sequence: number;
  /** When it ends; for one that has nothing or has ended, when it is forgotten. */
  deadline: number;
  isExpired: boolean;
  /** Nothing runs, waits, or is left of it. */
  isIdle: boolean;
  /** By counter. Of an expired lease: what counts as spent for it, though nobody told that it is. */
  readonly amounts: Map<string, LeaseAmount>;
  /** Every request up to the first index was told of; those up to the second may have begun. */
  indexThrough: number;
  indexLimit: number;
  pattern: HoldCommand | null;
  /** What the last call was given. */
  lastGrants: readonly Slice[];
  /** Of an expired lease: requests that were recorded as lost, by id, and by index those that it had not told of. */
  lost: readonly string[];
  untold: readonly number[];
}

export function newLease(leaseId: string): Lease {
  return {
    ...{ leaseId, isShard: false, sequence: 0, deadline: 0, isExpired: false, isIdle: false, amounts: new Map() },
    ...{ indexThrough: 0, indexLimit: 0, pattern: null, lastGrants: [], lost: [], untold: [] },
  };
}
