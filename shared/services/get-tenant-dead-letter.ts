import { sql } from 'drizzle-orm';
import type { DeadLetter } from '../contracts/http/dead-letters.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { DEAD_LETTER_FIELDS, toDeadLetter } from './tenant-dead-letter-fields.ts';

/** One of a tenant's dead letters; null when it has none of that id. */
export async function getTenantDeadLetter(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly id: string;
}): Promise<DeadLetter | null> {
  const { db, tenantId, id } = input;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ fields: unknown }>(sql`
      select ${DEAD_LETTER_FIELDS} as fields from tenant_dead_letters
      where tenant_id = ${tenantId}::uuid and id = ${id}::uuid`),
  ]);
  return rows[0] ? toDeadLetter(rows[0].fields) : null;
}
