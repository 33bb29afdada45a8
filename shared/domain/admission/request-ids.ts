/** Digits of a lease's id that name a request within it. */
const INDEX_DIGITS = 8;

/**
 * The id of a lease's request: the lease's own, with the request's index (below 2^32) for its last digits. So it is known
 * which requests a lease may have begun, though it never told of them.
 */
export function requestIdOf(leaseId: string, index: number): string {
  return leaseId.slice(0, -INDEX_DIGITS) + index.toString(16).padStart(INDEX_DIGITS, '0');
}

/** The index of a lease's request; null for a request of another. */
export function indexOf(leaseId: string, requestId: string): number | null {
  if (requestId.slice(0, -INDEX_DIGITS) !== leaseId.slice(0, -INDEX_DIGITS)) return null;
  return Number.parseInt(requestId.slice(-INDEX_DIGITS), 16);
}
