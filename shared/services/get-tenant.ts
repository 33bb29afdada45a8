import { sql } from 'drizzle-orm';
import type { Tenant } from '../contracts/http/tenants.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import { tenantFields, toTenant } from './tenant-fields.ts';

/** A tenant, or null when there is none of this id, or no longer. */
export async function getTenant(input: { readonly db: Database; readonly tenantId: string }): Promise<Tenant | null> {
  const { db, tenantId } = input;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ fields: unknown }>(
      sql`select ${tenantFields} as fields from tenants where id = ${tenantId}::uuid and status <> 'erased'`,
    ),
  ]);
  return rows[0] ? toTenant(rows[0].fields) : null;
}
