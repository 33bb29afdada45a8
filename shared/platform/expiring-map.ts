interface Entry<V> {
  readonly value: V;
  readonly storedAt: number;
}

/** A map bounded in size (the oldest entry leaves first) whose readers say how old an entry may be. */
export class ExpiringMap<K, V> {
  readonly #entries = new Map<K, Entry<V>>();
  readonly #capacity: number;
  readonly #now: () => number;

  constructor(capacity: number, now: () => number) {
    this.#capacity = capacity;
    this.#now = now;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** The value, unless it is absent or was stored more than `maxAgeMs` ago. */
  get(key: K, maxAgeMs = Number.POSITIVE_INFINITY): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    return maxAgeMs === Number.POSITIVE_INFINITY || this.#now() - entry.storedAt <= maxAgeMs ? entry.value : undefined;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, storedAt: this.#now() });
    if (this.#entries.size <= this.#capacity) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  delete(key: K): void {
    this.#entries.delete(key);
  }
}
