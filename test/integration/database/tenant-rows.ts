import { getTableColumns } from 'drizzle-orm';
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import { columnsOf, TABLES } from './catalogue.ts';

/** A table that holds tenants' rows, and the column that says whose a row is. */
export interface TenantTable {
  readonly table: PgTable;
  readonly name: string;
  readonly owner: 'tenant_id' | 'id' | 'user_id' | 'holder_id';
}

/** Tables with a tenant_id, and those that are a tenant's by other means: tenants, its people, and the domains it holds. */
export const TENANT_TABLES: TenantTable[] = TABLES.flatMap((table): TenantTable[] => {
  const { name } = getTableConfig(table);
  if ('tenantId' in getTableColumns(table)) return [{ table, name, owner: 'tenant_id' }];
  if (name === 'tenants' || name === 'users') return [{ table, name, owner: 'id' }];
  if (name === 'verified_domains') return [{ table, name, owner: 'holder_id' }];
  return name === 'identities' ? [{ table, name, owner: 'user_id' }] : [];
});

/**
 * Statement that inserts a row of a tenant: each of its ids is the tenant's, so that its rows refer to each other.
 * `overrides` are values by column.
 */
export function insertRow(
  { table, name }: TenantTable,
  tenantId: string,
  overrides: Readonly<Record<string, unknown>> = {},
): pg.QueryConfig {
  const columns = columnsOf(table).filter(
    ({ name, column }) => name.endsWith('id') || ASKED_FOR.has(name) || needsValue(column),
  );
  return {
    text: `insert into ${name} (${columns.map(({ name }) => name)}) values (${columns.map((_, at) => `$${at + 1}`)})`,
    values: columns.map(({ name, column }, at) => overrides[name] ?? valueFor(column, tenantId, at)),
  };
}

/** Columns that may be null, of which a check of their table wants one that is not. */
const ASKED_FOR: ReadonlySet<string> = new Set(['max_requests']);

/** Inserts one row into every tenant table, as a superuser: references are not checked. */
export async function insertRowsOf(client: pg.Client, tenantId: string): Promise<void> {
  await client.query('begin; set local session_replication_role = replica');
  for (const table of TENANT_TABLES) await client.query(insertRow(table, tenantId));
  await client.query('commit');
}

function needsValue(column: PgColumn): boolean {
  return column.notNull && !column.hasDefault;
}

function valueFor(column: PgColumn, tenantId: string, ordinal: number): unknown {
  switch (column.getSQLType()) {
    case 'uuid':
      return tenantId;
    case 'text':
      return column.enumValues?.[0] ?? `${column.name} of ${tenantId}`;
    case 'jsonb':
      return '{}';
    case 'timestamp with time zone':
      return new Date(Date.UTC(2026, 0, 1, 0, 0, ordinal)); // later columns are later times
    default:
      return 1;
  }
}
