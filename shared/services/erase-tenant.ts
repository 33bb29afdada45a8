import { sql } from 'drizzle-orm';
import type { Database } from '../db/client.ts';
import { sqlState } from '../db/is-transient.ts';
import { withTenant } from '../db/with-tenant.ts';

/** Rows of one statement: so many are deleted well within the time that a query has. */
const CHUNK_SIZE = 5_000;
const TENANTS_AT_ONCE = 20;

const FOREIGN_KEY_VIOLATION = '23503';

/** Tenants whose grace period is over, some of them: to be called again until there are none. Sees them as `eufm_ledger`. */
export async function listTenantsToErase({ db }: { readonly db: Database }): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select id from tenants where status = 'deleting' and erase_after <= now() order by erase_after limit ${TENANTS_AT_ONCE}`);
  return rows.map(({ id }) => id);
}

/**
 * Erases all that is a tenant's: every row of every table, sealed credentials with the data keys that are sealed in them,
 * messages that name it and could not be recorded, and the people whom its own identity provider brought. Of the tenant only its id, region and plan are left, as one that
 * is `erased`, and the postings of its money, which are never deleted: amounts, and ids that lead nowhere; its configuration version is raised, so that TenantGate is handed a configuration without anything in it.
 * Safe to be broken off and called again. Nothing is deleted of a tenant whose grace period is not over, and but for what also rolls off
 * (`requests` and their sums) Postgres would refuse it.
 */
export async function eraseTenant({
  db,
  tenantId,
}: {
  readonly db: Database;
  readonly tenantId: string;
}): Promise<void> {
  let tables = await tablesOf(db);
  while (tables.length > 0) {
    const left: string[] = [];
    let deleted = 0;
    for (const table of tables) {
      const outcome = await eraseRows(db, tenantId, table);
      deleted += outcome.deleted;
      if (!outcome.isEmpty) left.push(table);
    }
    if (deleted === 0 && left.length > 0) throw new Error(`rows of an erased tenant are held: ${left.join(', ')}`);
    tables = left;
  }
  await withTenant(db, tenantId, (db) => [
    db.execute(sql`delete from dead_letters where subject_tenant = ${tenantId}`),
    db.execute(sql`delete from users where home_tenant_id = ${tenantId}::uuid`),
    db.execute(sql`
      update tenants set status = 'erased', erase_after = null, name = '', slug = id::text,
        config_version = config_version + 1, updated_at = now()
      where id = ${tenantId}::uuid and status = 'deleting' and erase_after <= now()`),
  ]);
}

/** Every table that has tenants' rows and from which one may delete, as the database itself says. */
async function tablesOf(db: Database): Promise<string[]> {
  const { rows } = await db.execute<{ name: string }>(sql`
    select relname as name from pg_class join pg_attribute on attrelid = pg_class.oid
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and attname = 'tenant_id' and not attisdropped and relname <> 'ledger_postings'
    order by relname`);
  return rows.map(({ name }) => name);
}

/** Deletes a table's rows, all but those that rows of other tables refer to: their turn comes when those are gone. */
async function eraseRows(db: Database, tenantId: string, table: string) {
  let deleted = 0;
  const name = sql.identifier(table);
  try {
    for (;;) {
      const [{ rows }] = await withTenant(db, tenantId, (db) => [
        db.execute<{ count: number }>(sql`
          with deleted as (
            delete from ${name} where tenant_id = ${tenantId}::uuid and ctid = any(array(
              select ctid from ${name} where tenant_id = ${tenantId}::uuid limit ${CHUNK_SIZE}))
              and exists (select from tenants where id = ${tenantId}::uuid and status = 'deleting' and erase_after <= now())
            returning tenant_id)
          select count(*)::int as count from deleted`),
      ]);
      const count = rows[0]?.count ?? 0;
      deleted += count;
      if (count < CHUNK_SIZE) return { deleted, isEmpty: true };
    }
  } catch (error) {
    if (sqlState(error) === FOREIGN_KEY_VIOLATION) return { deleted, isEmpty: false };
    throw error;
  }
}
