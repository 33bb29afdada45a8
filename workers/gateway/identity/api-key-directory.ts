import { type ApiKeyClaims, hashApiKey, importPepper, mintApiKey, parseApiKey } from '../../../shared/auth/api-key.ts';
import type { SnapshotApiKey, TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { fromBase64 } from '../../../shared/crypto/bytes.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import type { MintedKey } from '../../../shared/services/api-key-fields.ts';
import { CACHED_KEYS, SNAPSHOT_RECHECK_MS } from '../constants.ts';
import type { TenantDirectory } from './tenant-directory.ts';

interface KnownKey {
  readonly claims: ApiKeyClaims;
  readonly hash: string;
}

/** Finds whose API key a text is. Fails closed: without an answer about the tenant there is no key. */
export class ApiKeyDirectory {
  readonly #pepper: Promise<CryptoKey>;
  readonly #known: ExpiringMap<string, KnownKey>;
  readonly #tenants: TenantDirectory;

  constructor(pepper: string, tenants: TenantDirectory, now: () => number) {
    const bytes = fromBase64(pepper);
    if (!bytes || bytes.length < 32) throw new Error('API_KEY_PEPPER is not 32 bytes of base64');
    this.#pepper = importPepper(bytes);
    this.#known = new ExpiringMap(CACHED_KEYS, now);
    this.#tenants = tenants;
  }

  /** What the key claims, or null when it cannot be a key: no look-up is made. */
  read(key: string): ApiKeyClaims | null {
    return this.#known.get(key)?.claims ?? parseApiKey(key);
  }

  /** Makes a key, with what is kept of it. */
  async mint(claims: ApiKeyClaims): Promise<MintedKey> {
    const minted = mintApiKey(claims);
    return { ...minted, keyHash: await hashApiKey(await this.#pepper, minted.key) };
  }

  /**
   * The key and its tenant, or null, by a configuration of that age at most. A key newer than this isolate's configuration
   * is found at once; so is one that `isRefused` by an older one only.
   */
  async find(
    key: string,
    claims: ApiKeyClaims,
    maxAgeMs: number,
    isRefused: (apiKey: SnapshotApiKey) => boolean,
  ): Promise<{ readonly apiKey: SnapshotApiKey; readonly tenant: TenantSnapshot } | null> {
    const hash = this.#known.get(key)?.hash ?? (await hashApiKey(await this.#pepper, key));
    for (const age of [maxAgeMs, SNAPSHOT_RECHECK_MS]) {
      const tenant = this.#tenants.known(claims.tenantId, age) ?? (await this.#tenants.find(claims.tenantId, age));
      const apiKey = tenant && keysOf(tenant).get(hash);
      if (!apiKey) continue;
      if (age > SNAPSHOT_RECHECK_MS && (tenant.status === 'suspended' || isRefused(apiKey))) continue; // it may be old news
      this.#known.set(key, { claims, hash });
      return { apiKey, tenant };
    }
    return null;
  }
}

const keys = new WeakMap<TenantSnapshot, ReadonlyMap<string, SnapshotApiKey>>();

/** A tenant's keys by their hashes. Who cannot make a hash under the pepper learns nothing from how long a look-up takes. */
function keysOf(tenant: TenantSnapshot): ReadonlyMap<string, SnapshotApiKey> {
  const known = keys.get(tenant) ?? new Map(tenant.apiKeys.map((apiKey) => [apiKey.hash, apiKey]));
  keys.set(tenant, known);
  return known;
}
