import type {
  KeyRewrap,
  OpenRefusal,
  TenantKeyReply,
  TenantKeysRpc,
  WrappedTenantKey,
} from '../../../shared/contracts/rpc.ts';
import { importTenantKey, type TenantKey } from '../../../shared/crypto/envelope.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { SharedAsking } from '../../../shared/platform/shared-asking.ts';
import {
  CACHED_TENANT_KEYS,
  REFUSAL_MAX_AGE_MS,
  SHARED_ASKING_MS,
  TENANT_KEY_MAX_AGE_MS,
  TENANT_KEY_MAX_USES,
} from '../constants.ts';
import type { Keyring } from '../kms/open-keyring.ts';

export interface TenantKeysOptions {
  readonly keyring: Keyring;
  /** Where the tenant's wrapped key is kept. Fails closed. */
  holder(tenantId: string): Pick<TenantKeysRpc, 'tenantKey' | 'adoptTenantKey' | 'rewrapTenantKey'>;
  now(): number;
}

interface Known {
  readonly key: TenantKey;
  uses: number;
}

type Found = Result<TenantKey, OpenRefusal>;

/**
 * Tenants' own keys, unwrapped for minutes: a KMS is asked once for a tenant in five minutes, or in a hundred thousand
 * uses, however much is opened. What is denied there, or erased, opens for as long at most. All who need a key that is
 * not known wait for one asking.
 */
export class TenantKeys {
  readonly #options: TenantKeysOptions;
  readonly #known: ExpiringMap<string, Known>;
  readonly #refused: ExpiringMap<string, OpenRefusal>;
  readonly #asking = new SharedAsking<string, Found>(SHARED_ASKING_MS);
  readonly #unwrapping = new SharedAsking<string, Found>(SHARED_ASKING_MS);

  constructor(options: TenantKeysOptions) {
    this.#options = options;
    this.#known = new ExpiringMap(CACHED_TENANT_KEYS, options.now);
    this.#refused = new ExpiringMap(CACHED_TENANT_KEYS, options.now);
  }

  /** The key that opens what the tenant has sealed: there is one, unless it was erased. */
  find(tenantId: string): Promise<Found> {
    return this.#ask(tenantId, false);
  }

  /** The key to seal with, which is made with the tenant's first value. */
  findOrMake(tenantId: string): Promise<Found> {
    return this.#ask(tenantId, true);
  }

  /** Wraps a tenant's key by the primary key-encryption key, unless it is. The key itself stays, and what it sealed too. */
  async rewrap(tenantId: string): Promise<Result<KeyRewrap, OpenRefusal>> {
    const { keyring, holder } = this.#options;
    const { id: primary, kms } = keyring.primary;
    const reply = await holder(tenantId).tenantKey();
    if (reply.state !== 'stored') return ok({ outcome: 'none', primary });
    if (reply.key.kek === primary) return ok({ outcome: 'current', primary });
    const bytes = await this.#unwrap(tenantId, reply.key);
    if (!bytes.ok) return bytes;
    const wrapped = await kms.wrap(bytes.value, { tenantId, keyId: reply.key.id });
    if (!wrapped.ok) return wrapped;
    const next = { id: reply.key.id, kek: primary, wrapped: wrapped.value };
    const isKept = await holder(tenantId).rewrapTenantKey(reply.key, next);
    return ok({ outcome: isKept ? 'rewrapped' : 'current', primary });
  }

  async #ask(tenantId: string, isMade: boolean): Promise<Found> {
    const known = this.#use(tenantId);
    if (known) return ok(known);
    const refused = this.#refused.get(tenantId, REFUSAL_MAX_AGE_MS);
    if (refused) return err(refused);
    const found = await this.#asking.ask(isMade ? `+${tenantId}` : tenantId, () => this.#load(tenantId, isMade));
    if (!found.ok && isPassing(found.error)) this.#refused.set(tenantId, found.error);
    return found;
  }

  /** What is known of a tenant's key, for one use more; undefined when it is to be asked for again. */
  #use(tenantId: string): TenantKey | undefined {
    const known = this.#known.get(tenantId, TENANT_KEY_MAX_AGE_MS);
    if (!known || known.uses >= TENANT_KEY_MAX_USES) return undefined;
    known.uses += 1;
    return known.key;
  }

  async #load(tenantId: string, isMade: boolean): Promise<Found> {
    const stored = await this.#options.holder(tenantId).tenantKey();
    return stored.state === 'none' && isMade ? await this.#make(tenantId) : await this.#take(tenantId, stored);
  }

  /** Another isolate may be faster: the key in force is the holder's. One that was made here need not be unwrapped. */
  async #make(tenantId: string): Promise<Found> {
    const { keyring, holder } = this.#options;
    const keyId = crypto.randomUUID();
    const made = await keyring.primary.kms.generate({ tenantId, keyId });
    if (!made.ok) return made;
    const { bytes, wrapped } = made.value;
    const reply = await holder(tenantId).adoptTenantKey({ id: keyId, kek: keyring.primary.id, wrapped });
    const isThis = reply.state === 'stored' && reply.key.id === keyId;
    return isThis ? await this.#remember(tenantId, keyId, bytes) : await this.#take(tenantId, reply);
  }

  /** Unwraps the key that the holder has, once for those who seal and those who open. */
  async #take(tenantId: string, reply: TenantKeyReply): Promise<Found> {
    if (reply.state !== 'stored') return err({ reason: reply.state === 'erased' ? 'erased' : 'unknown_key' });
    const { key } = reply;
    return await this.#unwrapping.ask(tenantId, async () => {
      const known = this.#use(tenantId);
      if (known?.id === key.id) return ok(known);
      const bytes = await this.#unwrap(tenantId, key);
      return bytes.ok ? await this.#remember(tenantId, key.id, bytes.value) : bytes;
    });
  }

  async #remember(tenantId: string, keyId: string, bytes: Uint8Array<ArrayBuffer>): Promise<Found> {
    const key = await importTenantKey(keyId, bytes);
    this.#known.set(tenantId, { key, uses: 1 });
    return ok(key);
  }

  async #unwrap(tenantId: string, { id: keyId, kek, wrapped }: WrappedTenantKey) {
    const kms = this.#options.keyring.keks.get(kek);
    return kms ? await kms.unwrap(wrapped, { tenantId, keyId }) : err({ reason: 'unknown_key' } as const);
  }
}

function isPassing({ reason }: OpenRefusal): boolean {
  return reason === 'unavailable' || reason === 'key_denied';
}
