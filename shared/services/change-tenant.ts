import { type SQL, sql } from 'drizzle-orm';
import type { Tenant, TenantChange } from '../contracts/http/tenants.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { ChangeContext } from './change-configuration.ts';
import { recordChange } from './record-change.ts';
import { firstReason, isAllowed } from './role-grants.ts';
import { tenantFields, toTenant } from './tenant-fields.ts';

/** How long a deleted tenant can be restored. */
export const GRACE_DAYS = 30;

/** Why a tenant stays as it is. `wrong_status`: what it is now does not allow the change. */
export type TenantRefusal = 'not_found' | 'wrong_status';

type Status = Tenant['status'];

/** Changes a tenant's name or time zone, with an audit row. The data plane knows of it once it is published. */
export function updateTenant(
  by: ChangeContext,
  { name, timeZone }: TenantChange,
): Promise<Result<Tenant, TenantRefusal>> {
  return change(by, {
    ...{ action: 'tenant.updated', from: ['active', 'suspended'] },
    assignments: sql`name = coalesce(${name ?? null}::text, name),
      time_zone = coalesce(${timeZone ?? null}::text, time_zone)`,
  });
}

/** What may become of a tenant's status, by verb, and from which it starts. */
const TRANSITIONS = {
  suspended: { from: ['active'], assignments: sql`status = 'suspended'` },
  resumed: { from: ['suspended'], assignments: sql`status = 'active'` },
  deleted: {
    from: ['active', 'suspended'],
    assignments: sql`status = 'deleting', erase_after = now() + make_interval(days => ${GRACE_DAYS}::int)`,
  },
  restored: { from: ['deleting'], assignments: sql`status = 'active', erase_after = null` },
} as const satisfies Record<string, { from: readonly Status[]; assignments: SQL }>;

export type TenantTransition = keyof typeof TRANSITIONS;

/**
 * Suspends or resumes a tenant, deletes it or takes that back, with an audit row. A tenant that is not active is refused
 * everywhere within one lease of being published. Deleting erases nothing before the grace period of thirty days is over.
 */
export function moveTenant(by: ChangeContext, verb: TenantTransition): Promise<Result<Tenant, TenantRefusal>> {
  return change(by, { action: `tenant.${verb}`, ...TRANSITIONS[verb] });
}

interface Change {
  readonly action: string;
  readonly from: readonly Status[];
  readonly assignments: SQL;
}

async function change(
  by: ChangeContext,
  { action, from, assignments }: Change,
): Promise<Result<Tenant, TenantRefusal>> {
  const { tenantId } = by;
  const { after, reason } = await recordChange<TenantRefusal>(by, {
    ...{ action, targetType: 'tenant' },
    steps: [
      ['held', sql`select status, erase_after, ${tenantFields} as fields from tenants where id = ${tenantId}::uuid`],
      [
        'refusal',
        firstReason([
          ['not_found', sql`not exists (select from held where status <> 'erased')`],
          ['wrong_status', sql`(select status from held) <> all(${sql.param(from)}::text[])`],
          ['wrong_status', sql`(select erase_after from held) <= now()`], // its erasure may have begun, with its key
        ]),
      ],
      [
        'updated',
        sql`update tenants set ${assignments}, config_version = config_version + 1, updated_at = now()
          where id = ${tenantId}::uuid and ${isAllowed} returning id, ${tenantFields} as fields`,
      ],
      ['changed', sql`select id, (select fields from held) as before, fields as after from updated`],
    ],
  });
  return reason === null ? ok(toTenant(after)) : err(reason);
}
