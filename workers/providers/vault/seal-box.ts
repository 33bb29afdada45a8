import type { SecretOpened } from '../../../shared/contracts/queues.ts';
import type {
  KeyRewrap,
  Opener,
  OpenRefusal,
  SealContext,
  TenantKeysRpc,
  VaultRpc,
} from '../../../shared/contracts/rpc.ts';
import { isDirectEnvelope, openDirectly } from '../../../shared/crypto/direct-envelope.ts';
import { openEnvelope, sealEnvelope } from '../../../shared/crypto/envelope.ts';
import type { Result } from '../../../shared/errors/result.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import type { Logger } from '../../../shared/platform/logger.ts';
import { PLATFORM_ID, REFUSAL_TOLD_MS, TOLD_REFUSALS } from '../constants.ts';
import type { Keyring } from '../kms/open-keyring.ts';
import { TenantKeys } from './tenant-keys.ts';

export interface SealBoxOptions {
  readonly keyring: Keyring;
  /** A tenant's TenantGate. Fails closed: without it nothing is sealed or opened. */
  gate(tenantId: string): TenantKeysRpc;
  readonly logger: Logger;
  now(): number;
}

/** What the vault does, apart from the platform: it keeps no opened value and logs none. */
export class SealBox implements Omit<VaultRpc, 'ping'> {
  readonly #options: SealBoxOptions;
  readonly #keys: TenantKeys;
  readonly #toldRefusals: ExpiringMap<string, true>;

  constructor(options: SealBoxOptions) {
    this.#options = options;
    const { keyring, gate, now } = options;
    this.#keys = new TenantKeys({ keyring, holder: gate, now });
    this.#toldRefusals = new ExpiringMap(TOLD_REFUSALS, now);
  }

  async seal(context: SealContext, plaintext: string): Promise<string> {
    const key = await this.#keys.findOrMake(holderOf(context));
    if (!key.ok) throw new Error(`nothing can be sealed: ${key.error.reason}`);
    return await sealEnvelope(key.value, context, plaintext);
  }

  async open(context: SealContext, sealed: string, by?: Opener): Promise<Result<string, OpenRefusal>> {
    const opened = await this.#open(context, sealed);
    if (opened.ok) await this.#tell(context, by);
    else await this.#tellRefusal(context, by, opened.error.reason);
    return opened;
  }

  async reseal(context: SealContext, sealed: string): Promise<Result<string, OpenRefusal>> {
    const key = await this.#keys.findOrMake(holderOf(context));
    if (!key.ok) return key;
    const opened = await this.open(context, sealed);
    return opened.ok ? { ok: true, value: await sealEnvelope(key.value, context, opened.value) } : opened;
  }

  rewrapKey(tenantId: string): Promise<Result<KeyRewrap, OpenRefusal>> {
    return this.#keys.rewrap(holderOf({ tenantId }));
  }

  async #open(context: SealContext, sealed: string): Promise<Result<string, OpenRefusal>> {
    const opened = isDirectEnvelope(sealed)
      ? await openDirectly(this.#options.keyring.local, context, sealed)
      : await this.#openAsTenant(context, sealed);
    if (!opened.ok) {
      this.#options.logger.error('vault.open_refused', { ...loggable(context), reason: opened.error.reason });
    }
    return opened;
  }

  async #openAsTenant(context: SealContext, sealed: string): Promise<Result<string, OpenRefusal>> {
    const key = await this.#keys.find(holderOf(context));
    return key.ok ? await openEnvelope(key.value, context, sealed) : key;
  }

  /**
   * One entry for each opening, before the value leaves the vault. A begun sign-in is nobody's secret, and a kept answer
   * goes to none but who was answered with it before.
   */
  async #tell({ tenantId, purpose, rowId }: SealContext, by: Opener | undefined, refusal?: string): Promise<void> {
    if (purpose === 'sign_in_attempt' || purpose === 'kept_answer') return;
    const event: SecretOpened = {
      type: 'secret.opened',
      eventId: crypto.randomUUID(),
      targetType: purpose,
      targetId: rowId,
      openedAt: this.#options.now(),
      ...(by && { by }),
      ...(refusal !== undefined && { refusal }),
    };
    await this.#options.gate(tenantId).recordOpening(JSON.stringify(event));
  }

  /** A refusal lets nothing out, so that one that cannot be told is a refusal all the same. */
  async #tellRefusal(context: SealContext, by: Opener | undefined, reason: OpenRefusal['reason']): Promise<void> {
    const { tenantId, rowId, purpose } = context;
    const actor = by?.actorUserId ?? by?.actorApiKeyId ?? '';
    const kind = `${tenantId}/${purpose}/${rowId}/${reason}/${actor}`;
    const isTold = this.#toldRefusals.get(kind, REFUSAL_TOLD_MS) !== undefined;
    if (isTold || reason === 'erased') return; // an erased tenant has no log
    this.#toldRefusals.set(kind, true);
    await this.#tell(context, by, reason).catch((error: unknown) => {
      this.#toldRefusals.delete(kind);
      this.#options.logger.error('vault.refusal_not_told', { ...context, reason, error });
    });
  }
}

/** A begun sign-in's place is named by whoever comes back from it: by any text. */
function loggable({ rowId, ...context }: SealContext): Partial<SealContext> {
  return context.purpose === 'sign_in_attempt' ? context : { ...context, rowId };
}

/** Whose key it is. */
function holderOf({ tenantId }: Pick<SealContext, 'tenantId'>): string {
  return tenantId === '' ? PLATFORM_ID : tenantId;
}
