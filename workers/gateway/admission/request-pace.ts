import { PACE_MS } from '../../../shared/domain/admission/lease-pool.ts';

/** A pause up to this long is the isolate's (its collector's, say), or a client's between two: behind it the pace is as before. */
const PAUSE_MS = 5 * PACE_MS;

/** Counts how many requests begin in a span of `PACE_MS`. */
export class RequestPace {
  #begun = 0;
  #begunBefore = 0;
  #since = 0;

  count(now: number): void {
    const elapsed = now - this.#since;
    if (elapsed >= PACE_MS) {
      this.#begunBefore = elapsed < PAUSE_MS ? this.#begun : 0;
      this.#begun = 0;
      this.#since = now;
    }
    this.#begun++;
  }

  /** By the present span and the one before; 0 when none has begun for two spans. */
  at(now: number): number {
    return now - this.#since < 2 * PACE_MS ? Math.max(this.#begun, this.#begunBefore) : 0;
  }
}
