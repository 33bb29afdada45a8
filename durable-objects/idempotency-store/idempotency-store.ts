import { DurableObject } from 'cloudflare:workers';
import { IDEMPOTENCY_STORE_MIGRATIONS } from '../../migrations/durable-objects/idempotency-store.ts';
import type {
  ClaimCommand,
  ClaimName,
  ClaimReply,
  IdempotencyStoreRpc,
  KeptAnswer,
} from '../../shared/contracts/idempotency.ts';
import { decideClaim, KEY_LIFE_MS } from '../../shared/domain/idempotency/decide-claim.ts';
import type { StateEnv } from '../env.ts';
import { migrate } from '../runtime/migrate.ts';
import { KeyStore } from './key-store.ts';

/**
 * The one authority over a share of a tenant's idempotency keys: which request has a key, and what it answered. A shell of
 * storage and alarm; the rule is `decideClaim`. Every command is one synchronous transaction, so of any number of requests
 * with one key a single one is told to run. Keys and answers leave a day after the key was first used.
 */
export class IdempotencyStore extends DurableObject<StateEnv> implements IdempotencyStoreRpc {
  readonly #keys: KeyStore;
  #hasAlarm = false;

  constructor(context: DurableObjectState, env: StateEnv) {
    super(context, env);
    this.#keys = new KeyStore(context.storage.sql);
    void context.blockConcurrencyWhile(async () => {
      migrate(context.storage, IDEMPOTENCY_STORE_MIGRATIONS);
      this.#hasAlarm = (await context.storage.getAlarm()) !== null;
    });
  }

  async claim(command: ClaimCommand): Promise<ClaimReply> {
    const { keyHash } = command;
    const known = this.#keys.read(keyHash);
    const decision = decideClaim(known, command, Date.now());
    if (decision.state === 'claimed') {
      this.ctx.storage.transactionSync(() => this.#keys.write(keyHash, decision.entry));
      this.#arm();
      return { state: 'claimed', effectId: decision.entry.effectId };
    }
    const { state, requestId } = decision;
    if (state !== 'answered') return { state, requestId };
    return { state, requestId, effectId: known?.effectId ?? '', answer: this.#keys.readAnswer(keyHash) };
  }

  async renew(claim: ClaimName, requestId: string, leaseMs: number): Promise<void> {
    if (this.#keys.isRunning(claim)) this.#keys.writeRun(claim.keyHash, requestId, Date.now() + leaseMs);
  }

  async keep(claim: ClaimName, answer: KeptAnswer): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      if (this.#keys.isRunning(claim)) this.#keys.writeAnswer(claim.keyHash, answer);
    });
  }

  async lapse(claim: ClaimName): Promise<void> {
    if (this.#keys.isRunning(claim)) this.#keys.endRun(claim.keyHash);
  }

  async forget(claim: ClaimName): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      if (this.#keys.isRunning(claim)) this.#keys.remove(claim.keyHash);
    });
  }

  override async alarm(): Promise<void> {
    this.#hasAlarm = false;
    this.ctx.storage.transactionSync(() => this.#keys.removeOlder(Date.now() - KEY_LIFE_MS));
    this.#arm();
  }

  /** One alarm for the oldest key; the others wait for the next. */
  #arm(): void {
    const oldest = this.#hasAlarm ? null : this.#keys.oldest();
    if (oldest === null) return;
    this.#hasAlarm = true;
    void this.ctx.storage.setAlarm(oldest + KEY_LIFE_MS + 1);
  }
}
