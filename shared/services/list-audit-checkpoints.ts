import { sql } from 'drizzle-orm';
import { type AuditCheckpoint, auditCheckpoint, type CheckpointQuery } from '../contracts/http/audit-logs.ts';
import type { Page } from '../contracts/http/page.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { isoText } from './configuration-columns.ts';

/** A page of a tenant's signed checkpoints, the newest first. The cursor is the last one's size. */
export async function listAuditCheckpoints(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly query: CheckpointQuery;
}): Promise<Page<AuditCheckpoint>> {
  const { db, tenantId, query } = input;
  const { cursor, limit } = query;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ fields: unknown }>(sql`
      select jsonb_build_object('size', size, 'note', note, 'createdAt', ${isoText('created_at')}) as fields
      from audit_checkpoints
      where tenant_id = ${tenantId}::uuid and (${cursor ?? null}::bigint is null or size < ${cursor ?? null}::bigint)
      order by size desc limit ${limit + 1}`),
  ]);
  const data = rows.slice(0, limit).map(({ fields }) => auditCheckpoint.parse(fields));
  return { data, nextCursor: rows.length > limit ? String(data.at(-1)?.size) : null };
}
