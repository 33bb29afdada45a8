interface Timer {
  readonly at: number;
  /** Order of those that are due at the same time. */
  readonly order: number;
  readonly work: () => void;
  isCleared: boolean;
}

/**
 * Time that passes only when told, for code that waits with `setTimeout` and looks at `Date.now`. Whatever a timer sets going is done before the
 * next one fires, so a run is the same each time.
 */
export class VirtualTime {
  #now: number;
  #order = 0;
  /** A binary heap: the parent of the entry at `n` is at `(n - 1) >> 1`, and due no later. */
  readonly #timers: Timer[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Does `work` in so many milliseconds. */
  in(ms: number, work: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, work, isCleared: false };
    this.#push(timer);
    return timer;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.in(ms, resolve));
  }

  /** Lets time pass. While it does, `setTimeout`, `clearTimeout` and `Date.now` of this process are its own. */
  async runUntil(end: number): Promise<void> {
    const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;
    const { now: realNow } = Date;
    Date.now = () => Math.floor(this.#now);
    Object.assign(globalThis, {
      setTimeout: (work: () => void, ms = 0) => this.in(ms, work),
      clearTimeout: (timer: Timer | undefined) => {
        if (timer) timer.isCleared = true;
      },
    });
    try {
      for (let next = this.#timers[0]; next && next.at <= end; next = this.#timers[0]) {
        this.#now = next.at;
        this.#pop();
        if (next.isCleared) continue;
        next.work();
        // Those of the same moment go on together; `setImmediate` comes after all promises that are settled.
        if (this.#timers[0]?.at !== next.at) await new Promise<void>((resolve) => setImmediate(resolve));
      }
      this.#now = end;
    } finally {
      Object.assign(globalThis, { setTimeout: realSetTimeout, clearTimeout: realClearTimeout });
      Date.now = realNow;
    }
  }

  #push(timer: Timer): void {
    const timers = this.#timers;
    let at = timers.push(timer) - 1;
    for (let parent = (at - 1) >> 1; at > 0 && this.#isEarlier(at, parent); parent = (at - 1) >> 1) {
      this.#swap(at, parent);
      at = parent;
    }
  }

  #pop(): void {
    const timers = this.#timers;
    const last = timers.pop();
    if (!last || timers.length === 0) return;
    timers[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let earliest = at;
      if (this.#isEarlier(left, earliest)) earliest = left;
      if (this.#isEarlier(right, earliest)) earliest = right;
      if (earliest === at) return;
      this.#swap(at, earliest);
      at = earliest;
    }
  }

  #isEarlier(a: number, b: number): boolean {
    const [first, second] = [this.#timers[a], this.#timers[b]];
    if (!first || !second) return false;
    return first.at < second.at || (first.at === second.at && first.order < second.order);
  }

  #swap(a: number, b: number): void {
    const timers = this.#timers;
    const [first, second] = [timers[a], timers[b]];
    if (!first || !second) return;
    timers[a] = second;
    timers[b] = first;
  }
}
