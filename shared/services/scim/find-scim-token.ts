import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { Database } from '../../db/client.ts';
import { withTenant } from '../../db/with-tenant.ts';
import type { ScimConnection } from './scim-connection.ts';

/** How exactly a token's last use is known. */
const USE_STEP_SECONDS = 60;

const row = z.object({
  tokenId: z.uuid(),
  providerId: z.uuid(),
  issuer: z.string(),
  externalIdClaim: z.enum(['sub', 'oid']),
  defaultRoleId: z.uuid().nullable(),
  status: z.enum(['active', 'suspended', 'deleting', 'erased']),
  isUseOld: z.boolean(),
});

/** A connection as its token finds it. `isUseOld`: that it is used now is worth a note. */
export interface FoundConnection extends ScimConnection {
  readonly status: z.infer<typeof row>['status'];
  readonly isUseOld: boolean;
}

/**
 * The connection of a token, looked for in the tenant that it claims; null when it is unknown, revoked or expired, or its
 * identity provider is not in use. Nothing is remembered: a token that was revoked is not found by the next request.
 */
export async function findScimToken(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly tokenHash: string;
}): Promise<FoundConnection | null> {
  const { db, tenantId, tokenHash } = input;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute(sql`
      select scim_tokens.id as "tokenId", identity_providers.id as "providerId", identity_providers.issuer,
        identity_providers.external_id_claim as "externalIdClaim", tenants.status,
        identity_providers.default_role_id as "defaultRoleId",
        coalesce(scim_tokens.last_used_at < now() - make_interval(secs => ${USE_STEP_SECONDS}), true) as "isUseOld"
      from scim_tokens join tenants on tenants.id = scim_tokens.tenant_id
      join identity_providers on identity_providers.tenant_id = scim_tokens.tenant_id
        and identity_providers.id = scim_tokens.identity_provider_id and identity_providers.enabled
      where scim_tokens.tenant_id = ${tenantId}::uuid and scim_tokens.token_hash = ${tokenHash}::text
        and scim_tokens.revoked_at is null and (scim_tokens.expires_at is null or scim_tokens.expires_at > now())`),
  ]);
  return rows[0] ? { tenantId, ...row.parse(rows[0]) } : null;
}

/** Notes that a token is used, at most once a minute however many requests say so. */
export async function noteScimTokenUse(db: Database, { tenantId, tokenId }: ScimConnection): Promise<void> {
  await withTenant(db, tenantId, (db) => [
    db.execute(sql`
      update scim_tokens set last_used_at = now() where tenant_id = ${tenantId}::uuid and id = ${tokenId}::uuid
        and (last_used_at is null or last_used_at < now() - make_interval(secs => ${USE_STEP_SECONDS}))`),
  ]);
}
