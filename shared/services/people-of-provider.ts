import { type SQL, sql } from 'drizzle-orm';

/** Whom an identity provider of the tenant's own has made by SCIM, or brought by a sign-in: the ids of people. */
export function peopleOfProvider(tenantId: string, providerId: string): SQL {
  return sql`
    select id from scim_users where tenant_id = ${tenantId}::uuid and identity_provider_id = ${providerId}::uuid
    union select user_id from identities
      where provider = 'oidc' and home_tenant_id = ${tenantId}::uuid and issuer in (
        select issuer from identity_providers where tenant_id = ${tenantId}::uuid and id = ${providerId}::uuid)`;
}
