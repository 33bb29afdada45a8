import type { RequestRecorded } from '../../contracts/queues.ts';
import type { HoldCommand } from '../../contracts/rpc.ts';
import type { Lease } from './lease.ts';
import { toLostRecord } from './request-event.ts';
import { indexOf, requestIdOf } from './request-ids.ts';

/** A record of a request that was counted as lost already: the one that corrects it. */
export function asCorrection(lease: Lease, text: string): string {
  const event: RequestRecorded = JSON.parse(text); // written by the platform itself
  const index = indexOf(lease.leaseId, event.requestId);
  const isLost = lease.lost.includes(event.requestId);
  const isUntold = index !== null && lease.untold.includes(index);
  if (!isLost && !isUntold) return text;
  lease.lost = lease.lost.filter((requestId) => requestId !== event.requestId);
  lease.untold = lease.untold.filter((untold) => untold !== index);
  return JSON.stringify({ ...event, revision: 2 } satisfies RequestRecorded);
}

/**
 * An isolate that comes back too late, and knows it, has told of all that it began: the rest of what was counted as lost
 * never was. One that does not know it yet may have begun more since it spoke.
 */
export function voidUntold(lease: Lease, now: number): string[] {
  const voided = lease.untold.map((index) => toVoid(lostRequest(lease, index, 0n, now)));
  lease.untold = [];
  return voided.map((event) => JSON.stringify(event));
}

/** A request that was recorded as lost, and that its isolate had given up before it began. */
export function voidLost(lease: Lease, command: HoldCommand, now: number): string[] {
  if (!lease.lost.includes(command.requestId)) return [];
  lease.lost = lease.lost.filter((requestId) => requestId !== command.requestId);
  return [JSON.stringify(toVoid(toLostRecord({ ...command, amountPicoUsd: '0' }, now)))];
}

/** Indexes of requests that may have begun without a word. Those that asked are known by their holds. */
export function untoldOf({ leaseId, indexThrough, indexLimit }: Lease, heldIds: ReadonlySet<string>): number[] {
  const indexes = Array.from({ length: Math.max(0, indexLimit - indexThrough) }, (_, at) => indexThrough + at);
  return indexes.filter((index) => !heldIds.has(requestIdOf(leaseId, index)));
}

export function lostRequest(lease: Lease, index: number, amount: bigint, now: number): RequestRecorded {
  if (!lease.pattern) throw new Error(`lease ${lease.leaseId} has permits and no pattern`);
  const requestId = requestIdOf(lease.leaseId, index);
  return toLostRecord({ ...lease.pattern, requestId, amountPicoUsd: amount.toString() }, now);
}

/** One of `parts` equal parts of a whole, in which nothing is lost by rounding. */
export function shareOf(whole: bigint, parts: number, at: number): bigint {
  const share = whole / BigInt(parts);
  return BigInt(at) < whole % BigInt(parts) ? share + 1n : share;
}

function toVoid(record: RequestRecorded): RequestRecorded {
  return { ...record, revision: 2, status: 'canceled', errorCode: 'lease_unused' };
}
