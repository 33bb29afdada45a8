import { eq } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { identityProviders } from '../db/schema/sign-in.ts';
import { withTenant } from '../db/with-tenant.ts';

/** A tenant's identity provider, as signing in needs it. */
export interface TenantIdentityProvider {
  readonly id: string;
  readonly environmentId: string | null;
  readonly issuer: string;
  readonly clientId: string;
  readonly encryptedClientSecret: string | null;
  readonly emailDomains: string[];
  readonly defaultRoleId: string | null;
  readonly externalIdClaim: 'sub' | 'oid';
}

/** A tenant's identity providers that are enabled. */
export async function loadIdentityProviders(input: {
  readonly db: Database;
  readonly tenantId: string;
}): Promise<TenantIdentityProvider[]> {
  const { db, tenantId } = input;
  const { id, environmentId, issuer, clientId, encryptedClientSecret, emailDomains, ...rest } = identityProviders;
  const { defaultRoleId, externalIdClaim } = rest;
  const columns = {
    ...{ id, environmentId, issuer, clientId, encryptedClientSecret, emailDomains, defaultRoleId, externalIdClaim },
  };
  const [rows] = await withTenant(db, tenantId, (db) => [
    db.select(columns).from(identityProviders).where(eq(identityProviders.enabled, true)),
  ]);
  return rows;
}
