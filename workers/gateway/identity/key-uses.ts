import type { UsedKey } from '../../../shared/services/record-key-uses.ts';
import { CACHED_KEYS, KEY_USES_GATHER_MS, KEY_USES_LOST_MS, KEY_USES_PAUSE_MS } from '../constants.ts';

interface KeyUsesOptions {
  /** Notes the times in Postgres; a rejection means that none may be noted. */
  write(uses: readonly UsedKey[]): Promise<void>;
  onFailure(error: unknown): void;
  now(): number;
  wait(ms: number): Promise<void>;
}

/**
 * When keys were last used, as this isolate knows it. Fails open: a request neither waits for a write nor is told of one.
 * Writes come at least 25 seconds apart, each with all keys that were used since, behind the answer of one request: so a
 * time is known within a minute also where no further request comes. What could not be written goes with the next.
 * When an isolate has more keys than it can remember, the oldest are forgotten.
 */
export class KeyUses {
  readonly #options: KeyUsesOptions;
  readonly #unwritten = new Map<string, UsedKey>();
  #writtenAt = Number.NEGATIVE_INFINITY;
  #waitingSince = Number.NEGATIVE_INFINITY;

  constructor(options: KeyUsesOptions) {
    this.#options = options;
  }

  /** Notes a use now. `waitUntil` keeps the request alive, if it is the one that will write. */
  note(tenantId: string, apiKeyId: string, waitUntil: (work: Promise<void>) => void): void {
    const now = this.#options.now();
    this.#unwritten.set(`${tenantId}/${apiKeyId}`, { tenantId, apiKeyId, usedAt: now });
    if (this.#unwritten.size > CACHED_KEYS) this.#forgetOldest();
    if (now - this.#waitingSince < KEY_USES_LOST_MS) return; // another request will
    this.#waitingSince = now;
    waitUntil(this.#write(now));
  }

  async #write(now: number): Promise<void> {
    const pause = this.#writtenAt + KEY_USES_PAUSE_MS - now;
    await this.#options.wait(Math.max(pause, KEY_USES_GATHER_MS));
    const uses = [...this.#unwritten];
    this.#unwritten.clear();
    this.#writtenAt = this.#options.now();
    try {
      await this.#options.write(uses.map(([, use]) => use));
    } catch (error) {
      for (const [name, use] of uses) if (!this.#unwritten.has(name)) this.#unwritten.set(name, use);
      this.#options.onFailure(error);
    }
    this.#waitingSince = Number.NEGATIVE_INFINITY;
  }

  #forgetOldest(): void {
    const oldest = this.#unwritten.keys().next();
    if (!oldest.done) this.#unwritten.delete(oldest.value);
  }
}
