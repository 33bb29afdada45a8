import type { ClaimName, IdempotencyStoreRpc, KeptAnswer } from '../../../shared/contracts/idempotency.ts';
import type { AppContext } from '../app-context.ts';
import { CLAIM_RENEWAL_MS } from '../constants.ts';
import type { Seal } from './seal.ts';

/** The parts of a response that are kept. */
export interface SentAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

interface ClaimOptions {
  readonly store: IdempotencyStoreRpc;
  readonly name: ClaimName;
  readonly effectId: string;
  readonly leaseMs: number;
  /** Null: the answer is kept as it is. */
  readonly seal: Seal | null;
}

/**
 * A run that has its key. What it tells the store never fails the request: it has had its effect by then, and a run that
 * told nothing ends with its lease.
 */
export class Claim {
  /** What the run is to do, once: the same after a run that was never heard of again. */
  readonly effectId: string;
  readonly #context: AppContext;
  readonly #options: ClaimOptions;
  #renewedAt: number;

  constructor(context: AppContext, options: ClaimOptions) {
    this.effectId = options.effectId;
    this.#context = context;
    this.#options = options;
    this.#renewedAt = context.get('ports').now();
  }

  /** Tells the name that the request has been given. Does not wait for it. */
  rename(requestId: string): void {
    const { store, name, leaseMs } = this.#options;
    this.#renewedAt = this.#context.get('ports').now();
    this.#context.executionCtx.waitUntil(this.#tell(() => store.renew(name, requestId, leaseMs)));
  }

  /** Tells that the run goes on, when that was not told for a while. */
  renew(): void {
    if (this.#context.get('ports').now() - this.#renewedAt < CLAIM_RENEWAL_MS) return;
    this.rename(this.#context.get('requestId'));
  }

  /** The answer was sent, and may be sent again. One that cannot be kept leaves the run without an answer. */
  async keep({ status, headers, body }: SentAnswer): Promise<void> {
    const { store, name, seal } = this.#options;
    await this.#tell(async () => {
      const kept: KeptAnswer = { status, headers, body: seal ? await seal(body) : body, isSealed: seal !== null };
      await store.keep(name, kept);
    });
  }

  /** The run may have done something, and there is no answer to keep. */
  async lapse(): Promise<void> {
    await this.#tell(() => this.#options.store.lapse(this.#options.name));
  }

  /** The run has done nothing. */
  async forget(): Promise<void> {
    await this.#tell(() => this.#options.store.forget(this.#options.name));
  }

  async #tell(telling: () => Promise<void>): Promise<void> {
    try {
      await telling();
    } catch (error) {
      this.#context.get('logger').error('idempotency.not_told', { error });
    }
  }
}
