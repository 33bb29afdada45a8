/** Messages that a client may send at once, and in a second. */
const BURST = 100;
const PER_SECOND = 20;

/** How many messages a client may still send: a bucket that fills with time. */
export class MessageBudget {
  #left = BURST;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  /** Takes one; false when there is none. */
  take(now: number): boolean {
    this.#left = Math.min(BURST, this.#left + ((now - this.#at) / 1000) * PER_SECOND);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
