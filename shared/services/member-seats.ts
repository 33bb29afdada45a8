import { type SQL, sql } from 'drizzle-orm';

/** That the plan lets in nobody beside the tenant's members and `others`, an SQL count. A plan without a limit lets in all. */
export function isFull(tenantId: string, others: SQL = sql`0`): SQL {
  return sql`exists (
    select from tenants join plans on plans.name = tenants.plan
    where tenants.id = ${tenantId}::uuid and plans.member_limit <=
      (select count(distinct user_id) from user_roles where tenant_id = ${tenantId}::uuid) + ${others})`;
}
