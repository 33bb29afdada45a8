import { type SQL, sql } from 'drizzle-orm';

/** How many members a tenant has: people with a role in it who are not disabled. */
export function seatsTaken(tenantId: string): SQL {
  return sql`(select count(distinct user_roles.user_id) from user_roles
    join users on users.id = user_roles.user_id and users.status = 'active'
    where user_roles.tenant_id = ${tenantId}::uuid)`;
}

/** That the plan lets in nobody beside the tenant's members and `others`, an SQL count. A plan without a limit lets in all. */
export function isFull(tenantId: string, others: SQL = sql`0`): SQL {
  return sql`exists (
    select from tenants join plans on plans.name = tenants.plan
    where tenants.id = ${tenantId}::uuid and plans.member_limit <= ${seatsTaken(tenantId)} + ${others})`;
}
