interface Making {
  readonly makerId: string;
  readonly until: number;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/**
 * Who makes which answer right now, and who waits for it. Of any number of requests for one answer a single one makes it.
 * Only in memory: when an object is evicted, nobody waits any more, and each calls for itself.
 */
export class AnswersInMaking {
  readonly #makings = new Map<string, Making>();
  readonly #wait: (ms: number) => Promise<void>;

  constructor(wait: (ms: number) => Promise<void>) {
    this.#wait = wait;
  }

  /** If nobody makes an answer, `makerId` does from now on. */
  begin(keyHash: string, makerId: string, now: number, makeMs: number): boolean {
    const making = this.#makings.get(keyHash);
    if (making && making.until > now) return false;
    making?.end();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#makings.set(keyHash, { makerId, until: now + makeMs, ended, end });
    return true;
  }

  /** Ends when who makes an answer has ended or has had the time for it, and after `waitMs` at the latest. */
  async ended(keyHash: string, now: number, waitMs: number): Promise<void> {
    const making = this.#makings.get(keyHash);
    if (making) await Promise.race([making.ended, this.#wait(Math.min(waitMs, making.until - now))]);
  }

  /** Whoever makes the answer has ended; somebody else's is left alone. */
  end(keyHash: string, makerId: string): void {
    const making = this.#makings.get(keyHash);
    if (making?.makerId !== makerId) return;
    this.#makings.delete(keyHash);
    making.end();
  }
}
