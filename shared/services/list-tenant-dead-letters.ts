import { sql } from 'drizzle-orm';
import type { DeadLetter, DeadLettersQuery } from '../contracts/http/dead-letters.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { isoTime } from './request-fields.ts';
import { DEAD_LETTER_FIELDS, toDeadLetter } from './tenant-dead-letter-fields.ts';

/** Where the page before ended: a time (ISO 8601, to the microsecond) and an id. */
export type DeadLetterPlace = readonly [createdAt: string, id: string];

interface ListDeadLetters {
  readonly db: Database;
  readonly tenantId: string;
  readonly filters: Omit<DeadLettersQuery, 'limit' | 'cursor'>;
  readonly after: DeadLetterPlace | null;
  readonly limit: number;
}

/** A page of what of a tenant's was given up, newest first. */
export async function listTenantDeadLetters(
  input: ListDeadLetters,
): Promise<{ data: DeadLetter[]; next: DeadLetterPlace | null }> {
  const { db, tenantId, filters, after, limit } = input;
  const { kind, status, from, to } = filters;
  const conditions = [
    sql`tenant_id = ${tenantId}::uuid`,
    kind !== undefined && sql`kind = ${kind}`,
    status !== undefined && sql`status = ${status}`,
    from !== undefined && sql`created_at >= ${from}::timestamptz`,
    to !== undefined && sql`created_at < ${to}::timestamptz`,
    after !== null && sql`(created_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
  ].filter((condition) => condition !== false);
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ id: string; fields: unknown; place: string }>(sql`
      select id, ${DEAD_LETTER_FIELDS} as fields, ${isoTime(sql`created_at`, 'US')} as place from tenant_dead_letters
      where ${sql.join(conditions, sql` and `)} order by created_at desc, id desc limit ${limit + 1}`),
  ]);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    data: rows.slice(0, limit).map(({ fields }) => toDeadLetter(fields)),
    next: last ? [last.place, last.id] : null,
  };
}
