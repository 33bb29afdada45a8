import { type SQL, sql } from 'drizzle-orm';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { Database } from '../db/client.ts';
import { withTenant } from '../db/with-tenant.ts';
import type { ConfigurationTable } from './change-configuration.ts';

/** A page of a tenant's rows by their ids, which are in order of creation. The cursor is the last row's id. */
export async function listConfiguration(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly kind: ConfigurationTable;
  readonly page: PageQuery;
  /** Which of them. */
  readonly condition?: SQL;
}): Promise<Page<unknown>> {
  const { db, tenantId, kind, page, condition = sql`true` } = input;
  const behind = page.cursor === undefined ? sql`` : sql`and id > ${page.cursor}`;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ id: string; fields: unknown }>(sql`
      select id, ${kind.fields} as fields from ${kind.table} where tenant_id = ${tenantId} and ${condition} ${behind}
      order by id limit ${page.limit + 1}`),
  ]);
  const data = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? data.at(-1) : undefined;
  return { data: data.map(({ fields }) => fields), nextCursor: last?.id ?? null };
}
