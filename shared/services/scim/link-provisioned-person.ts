import { sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Database } from '../../db/client.ts';
import { withTenant } from '../../db/with-tenant.ts';

/** Who signs in by a tenant's own provider, as that provider says; verified. */
export interface ProvisionedIdentity {
  readonly tenantId: string;
  readonly providerId: string;
  readonly issuer: string;
  readonly subject: string;
  /** What the provider's `externalIdClaim` says. */
  readonly externalId: string;
  readonly requestId: string;
}

/**
 * Makes the sign-in of somebody who was never here that of the person whom their provider has made by SCIM under the same
 * `externalId`, with an audit row. By nothing else: never by an address. If there is no such person, nothing is done.
 */
export async function linkProvisionedPerson(db: Database, identity: ProvisionedIdentity): Promise<void> {
  const { tenantId, providerId, issuer, subject, externalId, requestId } = identity;
  await withTenant(db, tenantId, (db) => [
    db.execute(sql`
      with linked as (
        insert into identities (id, user_id, provider, issuer, subject, home_tenant_id)
        select ${uuidv7()}::uuid, scim_users.id, 'oidc', ${issuer}::text, ${subject}::text, ${tenantId}::uuid
        from scim_users where tenant_id = ${tenantId}::uuid and identity_provider_id = ${providerId}::uuid
          and external_id = ${externalId}::text
        on conflict do nothing returning user_id)
      insert into audit_logs (id, tenant_id, actor_user_id, action, target_type, target_id, metadata)
      select ${uuidv7()}::uuid, ${tenantId}::uuid, user_id, 'scim_user.linked', 'scim_user', user_id,
        jsonb_build_object('requestId', ${requestId}::text) from linked`),
  ]);
}
