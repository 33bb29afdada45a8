import type { FilledTenant } from './filled-tenant.ts';
import { ownerSql } from './mint-tenant.ts';
import { done } from './send.ts';

/** Gives a filled tenant's routing policy a draft that can be published. */
export async function draftPolicy({ owner, tenantId }: FilledTenant): Promise<void> {
  const strategy = { candidates: [{ provider: 'openai', model: 'gpt-4o-mini' }] };
  await done(owner.in(tenantId), 'PATCH', `/v1/routing-policies/${tenantId}`, { strategy });
}

/** Makes a filled tenant's key one that works, and may see usage. */
export async function activeKey({ tenantId }: FilledTenant): Promise<void> {
  await ownerSql()`update api_keys set revoked_at = null, expires_at = null, successor_id = null, rotated_from = null,
    scopes = '{usage:read}', ip_allow_list = null, models = null where tenant_id = ${tenantId} and id = ${tenantId}`;
}
