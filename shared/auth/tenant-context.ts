import type { SnapshotApiKey, TenantSnapshot } from '../contracts/tenant-snapshot.ts';

export type Actor =
  | { readonly kind: 'api_key'; readonly apiKeyId: string }
  | { readonly kind: 'user'; readonly userId: string }
  | { readonly kind: 'scim_token'; readonly scimTokenId: string };

/** An API key, and the address that it is used from; null where that is not known. */
export interface KeyUse {
  readonly apiKey: SnapshotApiKey;
  readonly address: string | null;
}

/** Who asks, for which tenant, with what rights: built once, when a request is authenticated. */
export interface TenantContext {
  readonly tenantId: string;
  readonly actor: Actor;
  /** The environment asked for, or that of the key; null when a user named none. */
  readonly environmentId: string | null;
  readonly permissions: ReadonlySet<string>;
  readonly snapshot: TenantSnapshot;
  /** Of a `user` whose identity provider brings people into one environment alone. */
  readonly homeEnvironmentId?: string;
  /** Of an `api_key`. */
  readonly keyUse?: KeyUse;
}
