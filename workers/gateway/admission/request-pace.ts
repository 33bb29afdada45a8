import { PACE_MS } from '../../../shared/domain/admission/lease-pool.ts';

/** Counts how many requests begin in a span of `PACE_MS`. */
export class RequestPace {
  #begun = 0;
  #begunBefore = 0;
  #since = 0;

  count(now: number): void {
    const elapsed = now - this.#since;
    if (elapsed >= PACE_MS) {
      this.#begunBefore = elapsed < 2 * PACE_MS ? this.#begun : 0;
      this.#begun = 0;
      this.#since = now;
    }
    this.#begun++;
  }

  /** By the present span and the one before. */
  at(now: number): number {
    return now - this.#since < 2 * PACE_MS ? Math.max(this.#begun, this.#begunBefore) : 0;
  }
}
