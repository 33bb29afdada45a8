import { sql } from 'drizzle-orm';
import { type AuditEntry, type AuditQuery, auditEntry } from '../contracts/http/audit-logs.ts';
import type { Page } from '../contracts/http/page.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';

/** An entry as clients see it, an SQL expression over `audit_logs`: what was hashed, not the columns that it is found by. */
export const auditFields = sql`(convert_from(entry, 'UTF8')::jsonb - 'version' - 'tenantId')`;

/** A page of what happened in a tenant, newest first. The cursor is the last entry's id; one that is not there ends it. */
export async function listAuditLogs(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly query: AuditQuery;
}): Promise<Page<AuditEntry>> {
  const { db, tenantId, query } = input;
  const { q, actor, action, targetType, target, from, to, cursor, limit } = query;
  const conditions = [sql`tenant_id = ${tenantId}::uuid`];
  for (const word of q?.trim().split(/\s+/) ?? []) {
    const part = `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`;
    conditions.push(
      sql`concat_ws(' ', action, target_type, target_id, host(ip), user_agent, metadata) ilike ${part}::text`,
    );
  }
  if (actor !== undefined) {
    const isToken = sql`metadata ->> 'scimTokenId' = ${actor}::uuid::text`;
    conditions.push(sql`(${actor}::uuid in (actor_user_id, actor_api_key_id) or ${isToken})`);
  }
  if (action !== undefined) conditions.push(sql`action = ${action}::text`);
  if (targetType !== undefined) conditions.push(sql`target_type = ${targetType}::text`);
  if (target !== undefined) conditions.push(sql`target_id = ${target}::text`);
  if (from !== undefined) conditions.push(sql`created_at >= ${from}::timestamptz`);
  if (to !== undefined) conditions.push(sql`created_at < ${to}::timestamptz`);
  if (cursor !== undefined) {
    const last = sql`select created_at, id from audit_logs where tenant_id = ${tenantId}::uuid and id = ${cursor}::uuid`;
    conditions.push(sql`(created_at, id) < (${last})`);
  }
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ id: string; fields: unknown }>(sql`
      select id, ${auditFields} as fields from audit_logs where ${sql.join(conditions, sql` and `)}
      order by created_at desc, id desc limit ${limit + 1}`),
  ]);
  const data = rows.slice(0, limit);
  const last = rows.length > limit ? data.at(-1) : undefined;
  return { data: data.map(({ fields }) => auditEntry.parse(fields)), nextCursor: last?.id ?? null };
}
