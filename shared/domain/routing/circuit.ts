import type { Circuit } from '../../contracts/provider-health.ts';

/** Failures in a row after which a candidate is left alone. */
export const FAILURES_TO_OPEN = 5;

/** How long it is left alone, and so the least pause between two calls that probe it. */
export const PROBE_PAUSE_MS = 30_000;

/** Longest pause that a vendor's `Retry-After` is taken at its word for. */
export const RETRY_AFTER_MAX_MS = 600_000;

/** How a call ended, as far as it tells of the candidate. `unknown`: the client left before it could. */
export type CallOutcome = 'answered' | 'failed' | 'unknown';

export const CLOSED: Circuit = { state: 'closed', failures: 0 };

/** If a call may go out now. */
export function mayCall(circuit: Circuit, now: number): boolean {
  switch (circuit.state) {
    case 'closed':
      return true;
    case 'open':
      return now >= circuit.until;
    case 'probing':
      return now >= circuit.since + PROBE_PAUSE_MS;
  }
}

/** A call goes out: the first one behind a pause is a probe. */
export function onCall(circuit: Circuit, now: number): Circuit {
  return circuit.state === 'closed' || !mayCall(circuit, now) ? circuit : { state: 'probing', since: now };
}

/** A call has ended. A pause that the vendor asks for begins at once, however few have failed. */
export function onOutcome(circuit: Circuit, outcome: CallOutcome, now: number, retryAfterMs = 0): Circuit {
  if (outcome === 'unknown') return circuit;
  if (outcome === 'answered') return CLOSED;
  const pauseMs = Math.min(retryAfterMs, RETRY_AFTER_MAX_MS);
  if (circuit.state === 'open') return { state: 'open', until: Math.max(circuit.until, now + pauseMs) };
  const failures = circuit.state === 'closed' ? circuit.failures + 1 : FAILURES_TO_OPEN;
  if (failures >= FAILURES_TO_OPEN) return { state: 'open', until: now + Math.max(PROBE_PAUSE_MS, pauseMs) };
  return pauseMs > 0 ? { state: 'open', until: now + pauseMs } : { state: 'closed', failures };
}
