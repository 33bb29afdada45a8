import { sql } from 'drizzle-orm';
import { type AuditEntry, auditEntry } from '../contracts/http/audit-logs.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { auditFields } from './list-audit-logs.ts';

/** One entry of a tenant's, or null. */
export async function getAuditLog(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly id: string;
}): Promise<AuditEntry | null> {
  const { db, tenantId, id } = input;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ fields: unknown }>(sql`
      select ${auditFields} as fields from audit_logs where tenant_id = ${tenantId}::uuid and id = ${id}::uuid`),
  ]);
  return rows[0] ? auditEntry.parse(rows[0].fields) : null;
}
