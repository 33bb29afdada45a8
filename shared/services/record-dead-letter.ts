import { type SQL, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import * as z from 'zod';
import type { Database } from '../db/client.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { withTenant } from '../db/with-tenant.ts';
import { isLeaving } from './takes-entries.ts';

/** What its tenant is told of a message: the error is the operator's, and may be in the database's own words. */
const REASON = 'The ledger could not record this message in any attempt.';

/**
 * Keeps a queue message that could not be processed, and has its tenant see that, with an entry of the tenant's audit log,
 * where the message names one that there is. Of an erased tenant nothing is kept, since what it carries is the tenant's.
 * Recording the same message again changes nothing.
 */
export async function recordDeadLetter(input: {
  readonly db: Database;
  /** The tenant that the message names, if it can be read; not checked. */
  readonly tenantId: string | null;
  readonly queue: string;
  readonly messageId: string;
  readonly payload: unknown;
  readonly error: string;
}): Promise<void> {
  const { db, tenantId, queue, messageId, payload, error } = input;
  const text = toJsonb(payload);
  const insert = (condition: SQL) => sql`
    insert into dead_letters (queue, message_id, subject_tenant, payload, error)
    select ${queue}::text, ${messageId}::text, ${tenantId}::text, ${text}::jsonb, ${error}::text ${condition}
    on conflict do nothing`;
  if (tenantId === null || !z.uuid().safeParse(tenantId).success) {
    await db.execute(insert(sql``));
    return;
  }
  await withTenant(db, tenantId, (db) => [
    db.execute(sql`
      with message as (${insert(sql`where not ${isLeaving(tenantId)}`)} returning id, created_at),
      kept as (
        insert into tenant_dead_letters (tenant_id, kind, subject_id, occurred_at, reason, size_bytes)
        select tenants.id, 'message', message.id, message.created_at, ${REASON}, octet_length(${text}::text)
        from message, tenants where tenants.id = ${tenantId}::uuid
        returning tenant_id, id, kind, subject_id
      )
      insert into audit_logs (id, tenant_id, action, target_type, target_id, metadata)
      select ${uuidv7()}::uuid, tenant_id, 'dead_letter.created', 'dead_letter', id,
        jsonb_build_object('kind', kind, 'subjectId', subject_id) from kept`),
  ]);
}
