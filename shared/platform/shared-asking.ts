/**
 * One asking for all who want the same at the same time. Who began it may end and take it along, so nobody waits for
 * longer than `waitMs`: the wait then rejects, and the next one asks anew.
 */
export class SharedAsking<K, V> {
  readonly #underway = new Map<K, Promise<V>>();
  readonly #waitMs: number;

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  async ask(key: K, work: () => Promise<V>): Promise<V> {
    const asking = this.#underway.get(key) ?? this.#begin(key, work);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.#end(key, asking);
        reject(new Error('no answer in time'));
      }, this.#waitMs);
    });
    try {
      return await Promise.race([asking, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  #begin(key: K, work: () => Promise<V>): Promise<V> {
    const asking = work().finally(() => this.#end(key, asking));
    this.#underway.set(key, asking);
    return asking;
  }

  #end(key: K, asking: Promise<V>): void {
    if (this.#underway.get(key) === asking) this.#underway.delete(key);
  }
}
