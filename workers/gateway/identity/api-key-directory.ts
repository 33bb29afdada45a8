import { type ApiKeyClaims, hashApiKey, importPepper, parseApiKey } from '../../../shared/auth/api-key.ts';
import type { SnapshotApiKey, TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { equalInConstantTime, fromBase64 } from '../../../shared/crypto/bytes.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { CACHED_KEY_HASHES, SNAPSHOT_MAX_AGE_MS, SNAPSHOT_RECHECK_MS } from '../constants.ts';
import type { TenantDirectory } from './tenant-directory.ts';

/** Finds whose API key a text is. Fails closed: without an answer about the tenant there is no key. */
export class ApiKeyDirectory {
  readonly #pepper: Promise<CryptoKey>;
  readonly #hashes: ExpiringMap<string, string>;
  readonly #tenants: TenantDirectory;

  constructor(pepper: string, tenants: TenantDirectory, now: () => number) {
    const bytes = fromBase64(pepper);
    if (!bytes || bytes.length < 32) throw new Error('API_KEY_PEPPER is not 32 bytes of base64');
    this.#pepper = importPepper(bytes);
    this.#hashes = new ExpiringMap(CACHED_KEY_HASHES, now);
    this.#tenants = tenants;
  }

  /** What the key claims, or null when it cannot be a key: no look-up is made. */
  read(key: string): ApiKeyClaims | null {
    return parseApiKey(key);
  }

  /** The active key and its tenant, or null. A key newer than this isolate's configuration is found at once. */
  async find(
    key: string,
    claims: ApiKeyClaims,
  ): Promise<{ readonly apiKey: SnapshotApiKey; readonly tenant: TenantSnapshot } | null> {
    const hash = await this.#hash(key);
    for (const maxAgeMs of [SNAPSHOT_MAX_AGE_MS, SNAPSHOT_RECHECK_MS]) {
      const tenant = await this.#tenants.find(claims.tenantId, maxAgeMs);
      const apiKey = tenant?.apiKeys.find((candidate) => equalInConstantTime(candidate.hash, hash));
      if (tenant && apiKey) return { apiKey, tenant };
    }
    return null;
  }

  async #hash(key: string): Promise<string> {
    const cached = this.#hashes.get(key);
    if (cached !== undefined) return cached;
    const hash = await hashApiKey(await this.#pepper, key);
    this.#hashes.set(key, hash);
    return hash;
  }
}
