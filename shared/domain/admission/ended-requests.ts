/** How long a request that ended is remembered at least, and at most twice as long. */
const REMEMBERED_MS = 30_000;

/**
 * Requests that ended lately: a call for their hold that was overtaken on its way must not set anything aside again. Kept
 * in memory alone, since no call outlives the object that it was made to.
 */
export class EndedRequests {
  #recent = new Set<string>();
  #before = new Set<string>();
  #since = 0;

  add(requestIds: readonly string[], now: number): void {
    if (now - this.#since >= REMEMBERED_MS) {
      this.#before = this.#recent;
      this.#recent = new Set();
      this.#since = now;
    }
    for (const requestId of requestIds) this.#recent.add(requestId);
  }

  has(requestId: string): boolean {
    return this.#recent.has(requestId) || this.#before.has(requestId);
  }
}
