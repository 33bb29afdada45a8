import type { ClaimCommand, ClaimReply } from '../../contracts/idempotency.ts';

/** How long a key is remembered, from the first request with it on. */
export const KEY_LIFE_MS = 24 * 3_600_000;

/** What is known of a key. Times are epoch milliseconds. */
export interface KeyEntry {
  readonly fingerprint: string;
  readonly claimId: string;
  readonly effectId: string;
  readonly requestId: string;
  readonly claimedAt: number;
  /** Until when the request counts as running. */
  readonly deadline: number;
  readonly isAnswered: boolean;
}

/** The reply but for an answer, which is not read to decide; and the entry to write, when the key is now the caller's. */
export type ClaimDecision =
  | { readonly state: Exclude<ClaimReply['state'], 'claimed'>; readonly requestId: string }
  | { readonly state: 'claimed'; readonly entry: KeyEntry };

/**
 * Decides who may run a request with a key. One run at a time has the key; a run that was not heard of again is taken over
 * only where that cannot repeat what it did, and then to do the same `effectId`. The key's life is not prolonged by that.
 */
export function decideClaim(known: KeyEntry | null, command: ClaimCommand, now: number): ClaimDecision {
  const { fingerprint, claimId, requestId, effectId, leaseMs, mayTakeOver } = command;
  const deadline = now + leaseMs;
  if (!known || now >= known.claimedAt + KEY_LIFE_MS) {
    const entry = { fingerprint, claimId, effectId, requestId, claimedAt: now, deadline, isAnswered: false };
    return { state: 'claimed', entry };
  }
  if (known.fingerprint !== fingerprint) return { state: 'other_request', requestId: known.requestId };
  if (known.isAnswered) return { state: 'answered', requestId: known.requestId };
  if (now < known.deadline) return { state: 'in_flight', requestId: known.requestId };
  if (!mayTakeOver) return { state: 'lost', requestId: known.requestId };
  return { state: 'claimed', entry: { ...known, claimId, requestId, deadline } };
}
