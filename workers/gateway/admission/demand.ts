import type { HoldCommand, HoldRefusal } from '../../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { LEASE_TTL_MS } from '../../../shared/domain/admission/admission-book.ts';
import type { Draw } from '../../../shared/domain/admission/lease-pool.ts';
import type { MostUsed } from '../../../shared/domain/admission/limit.ts';
import type { Priority } from './waiting-line.ts';

/** A request's sign of life. */
export interface Pulse {
  /** When it was seen to run, in epoch milliseconds; whoever watches it says so. */
  seenAt: number;
}

/** If nothing was seen of a request for long: the runtime ended it, when its client left. */
export function isLost({ seenAt }: Pulse, now: number): boolean {
  return now - seenAt >= LEASE_TTL_MS;
}

/** A request that asks to begin. */
export interface Demand {
  readonly snapshot: TenantSnapshot;
  readonly hold: HoldCommand;
  readonly most: MostUsed;
  /** The request's place among those of its session. */
  readonly index: number;
  readonly priority: Priority;
  readonly pulse: Pulse;
  /** It does not wait for others' places: it has one itself, or what it waits for may come without it. */
  readonly isHasty?: boolean;
}

/** A request that may begin: its hold covers the most that it can use. */
export interface Admitted {
  readonly hold: HoldCommand;
  readonly pulse: Pulse;
  readonly draws: readonly Draw[];
  /** TenantGate has the hold by itself. */
  isDurable: boolean;
}

/** `stale`: what was decided by, or the session, is out of date: decide again. `unavailable`: TenantGate did not answer. */
export type AdmissionRefusal = HoldRefusal | { readonly reason: 'stale' | 'unavailable' };
