import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';

/** Entries of one statement. */
const MOST_ENTRIES = 2_000;

const outcome = z.object({ deleted: z.coerce.number() });

/**
 * Removes a tenant's oldest audit entries that its plan no longer keeps and that a signed checkpoint covers, up to so many,
 * and writes an entry that says which. Their hashes stay in the tree, so that those after them can be verified as before.
 * Answers how many went. Postgres refuses every other deletion.
 */
export async function rollOffAuditLog(input: {
  readonly statements: StatementRunner;
  readonly tenantId: string;
  readonly limit?: number;
}): Promise<number> {
  const { statements, tenantId, limit = MOST_ENTRIES } = input;
  const [, [row] = []] = await statements.asTenant(tenantId, [
    sql`select from audit_trees where tenant_id = ${tenantId}::uuid for no key update`,
    sql`
      with tree as (
        select first, coalesce((select max(size) from audit_checkpoints where tenant_id = ${tenantId}::uuid), 0) as covered,
          (select now() - make_interval(days => plans.audit_retention_days)
            from tenants join plans on plans.name = tenants.plan where tenants.id = ${tenantId}::uuid) as kept_from
        from audit_trees where tenant_id = ${tenantId}::uuid
      ),
      oldest as (
        select position, audit_logs.id, audit_logs.created_at < kept_from and position < covered as may_go
        from tree join audit_nodes on audit_nodes.tenant_id = ${tenantId}::uuid and level = 0
          and position >= first and position < first + ${limit}
        join audit_logs on audit_logs.tenant_id = ${tenantId}::uuid and audit_logs.id = entry_id
      ),
      going as (
        select id, position from oldest
        where position < coalesce((select min(position) from oldest where not may_go), (select max(position) + 1 from oldest))
      ),
      gone as (
        delete from audit_logs where tenant_id = ${tenantId}::uuid and id in (select id from going) returning id
      ),
      moved as (
        update audit_trees set first = first + (select count(*) from gone)
        where tenant_id = ${tenantId}::uuid and exists (select from gone)
      ),
      told as (
        insert into audit_logs (tenant_id, action, target_type, target_id, metadata)
        select ${tenantId}::uuid, 'audit_log.rolled_off', 'audit_log', ${tenantId}::text,
          jsonb_build_object('from', min(position), 'to', max(position))
        from going having count(*) > 0
      )
      select count(*)::text as deleted from gone`,
  ]);
  return outcome.parse(row).deleted;
}
