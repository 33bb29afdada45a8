import type { Tenant } from '../../../shared/contracts/http/tenants.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { ChangeContext } from '../../../shared/services/change-configuration.ts';
import type { TenantRefusal } from '../../../shared/services/change-tenant.ts';
import type { AppContext } from '../app-context.ts';
import { changeContext, NOT_FOUND, publishChange } from './apply-change.ts';
import { readRecord } from './read-record.ts';

/** Who changes what, where a person acts on a tenant that no header names. */
export function personalChange(context: AppContext, tenantId: string) {
  const { userId } = context.get('person');
  const actor = { kind: 'user', userId } as const;
  return { ...changeContext(context, { tenantId, actor }), actor };
}

/** Changes the tenant that the path names, and hands it to TenantGate before the answer. */
export async function changeOwnTenant(
  context: AppContext,
  tenantId: string,
  change: (by: ChangeContext) => Promise<Result<Tenant, TenantRefusal>>,
): Promise<Result<Tenant, DomainError>> {
  const changed = await readRecord(context, () => change(personalChange(context, tenantId)));
  if (!changed.ok) return changed;
  if (changed.value.ok) {
    await publishChange(context, tenantId);
    return ok(changed.value.value);
  }
  const detail = 'The tenant’s status does not allow this: see `status` in GET /v1/tenants.';
  return err(changed.value.error === 'not_found' ? NOT_FOUND : { code: 'conflict', detail });
}
