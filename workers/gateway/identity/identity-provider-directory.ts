import type { VaultRpc } from '../../../shared/contracts/rpc.ts';
import { clientSecret } from '../../../shared/crypto/seal-contexts.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import type { TenantIdentityProvider } from '../../../shared/services/load-identity-providers.ts';
import { CACHED_TENANTS, IDENTITY_PROVIDERS_MAX_AGE_MS } from '../constants.ts';

/** An identity provider that people can sign in at, and whom it may bring where. */
export interface SignInProvider {
  readonly issuer: string;
  readonly clientId: string;
  /** Null: a public client. */
  readonly clientSecret: () => Promise<string | null>;
  /** The tenant whose own it is, and to which alone it can bring people; null: the platform's. */
  readonly homeTenantId: string | null;
  readonly homeEnvironmentId: string | null;
  /** Null for the platform's. */
  readonly providerId: string | null;
  /** Of whom it may bring; empty: anybody. */
  readonly emailDomains: readonly string[];
  readonly defaultRoleId: string | null;
  /** The claim of its ID tokens that says what it calls people by SCIM. */
  readonly externalIdClaim: 'sub' | 'oid';
}

/** Which provider: the platform's, or a tenant's own. */
export interface ProviderReference {
  readonly tenantId: string;
  readonly providerId: string;
}

interface DirectoryOptions {
  readonly platform: { readonly issuer: string; readonly clientId: string; readonly clientSecret: string };
  load(tenantId: string): Promise<TenantIdentityProvider[]>;
  readonly vault: Pick<VaultRpc, 'open'>;
  now(): number;
}

/** Finds identity providers. A tenant's own are read from Postgres and remembered for seconds. */
export class IdentityProviderDirectory {
  readonly #options: DirectoryOptions;
  readonly #known: ExpiringMap<string, readonly TenantIdentityProvider[]>;
  readonly platform: SignInProvider;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#known = new ExpiringMap(CACHED_TENANTS, options.now);
    const { issuer, clientId, clientSecret } = options.platform;
    this.platform = {
      ...{ issuer, clientId, clientSecret: async () => clientSecret || null, emailDomains: [] },
      ...{ homeTenantId: null, homeEnvironmentId: null, providerId: null, defaultRoleId: null },
      externalIdClaim: 'sub',
    };
  }

  /** The platform's for null; null when the tenant has no such provider, or has disabled it. */
  async find(reference: ProviderReference | null): Promise<SignInProvider | null> {
    if (reference === null) return this.platform;
    const { tenantId, providerId } = reference;
    const own = (await this.#ownOf(tenantId)).find(({ id }) => id === providerId);
    return own ? this.#toProvider(tenantId, own) : null;
  }

  /** Whose issuer it is that speaks of a request for a tenant. Null: nobody's whom that tenant trusts. */
  async findIssuer(tenantId: string | null, issuer: string): Promise<SignInProvider | null> {
    if (issuer === this.platform.issuer) return this.platform;
    const own = tenantId === null ? undefined : (await this.#ownOf(tenantId)).find((one) => one.issuer === issuer);
    return tenantId !== null && own ? this.#toProvider(tenantId, own) : null;
  }

  async #ownOf(tenantId: string): Promise<readonly TenantIdentityProvider[]> {
    const known = this.#known.get(tenantId, IDENTITY_PROVIDERS_MAX_AGE_MS);
    if (known) return known;
    const loaded = await this.#options.load(tenantId);
    this.#known.set(tenantId, loaded);
    return loaded;
  }

  #toProvider(tenantId: string, own: TenantIdentityProvider): SignInProvider {
    const { id, environmentId, encryptedClientSecret: sealed, ...rest } = own;
    return {
      ...rest,
      clientSecret: () => this.#open(tenantId, id, sealed),
      homeTenantId: tenantId,
      homeEnvironmentId: environmentId,
      providerId: id,
    };
  }

  async #open(tenantId: string, id: string, sealed: string | null): Promise<string | null> {
    if (sealed === null) return null;
    const opened = await this.#options.vault.open(clientSecret(tenantId, id), sealed);
    if (!opened.ok) throw new Error(`the client secret cannot be opened: ${opened.error.reason}`);
    return opened.value;
  }
}
