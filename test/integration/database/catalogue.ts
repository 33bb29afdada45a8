import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import type pg from 'pg';
import * as audit from '../../../shared/db/schema/audit.ts';
import * as configuration from '../../../shared/db/schema/configuration.ts';
import * as domains from '../../../shared/db/schema/domains.ts';
import * as idempotency from '../../../shared/db/schema/idempotency.ts';
import * as identity from '../../../shared/db/schema/identity.ts';
import * as ledger from '../../../shared/db/schema/ledger.ts';
import * as membership from '../../../shared/db/schema/membership.ts';
import * as outbound from '../../../shared/db/schema/outbound.ts';
import * as pricing from '../../../shared/db/schema/pricing.ts';
import * as rollOffs from '../../../shared/db/schema/roll-offs.ts';
import * as scim from '../../../shared/db/schema/scim.ts';
import * as signIn from '../../../shared/db/schema/sign-in.ts';
import * as tenancy from '../../../shared/db/schema/tenancy.ts';
import * as work from '../../../shared/db/schema/work.ts';

/** Every table of the drizzle schema, those that others refer to first. */
export const TABLES: PgTable[] = [
  tenancy,
  identity,
  configuration,
  pricing,
  work,
  ledger,
  audit,
  rollOffs,
  outbound,
  signIn,
  membership,
  scim,
  domains,
  idempotency,
].flatMap((module) => Object.values(module).filter((value): value is PgTable => is(value, PgTable)));

/** Columns by the names that the database has for them. */
export function columnsOf(table: PgTable) {
  return getTableConfig(table).columns.map((column) => ({ name: toSnakeCase(column.name), column }));
}

/** The inverse of drizzle's `casing: 'snake_case'` reads the same: our names are plain words. */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Everything in the public schema, as text from the catalogue: equal schemas give equal lines. */
export async function describeSchema(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    with relation as (
      select * from pg_class where relnamespace = 'public'::regnamespace and relname not like 'schema_migrations%'
    )
    select concat_ws(' ', 'relation', relkind, relname, pg_get_userbyid(relowner), relacl::text,
      relrowsecurity, relforcerowsecurity, pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid)) as line from relation
    union all
    select concat_ws(' ', 'column', relname, rank() over (partition by attrelid order by attnum), attname, format_type(atttypid, atttypmod), attnotnull,
      pg_get_expr(adbin, adrelid), attacl::text)
    from relation join pg_attribute on attrelid = relation.oid
    left join pg_attrdef on adrelid = attrelid and adnum = attnum
    where relkind in ('r', 'p') and attnum > 0 and not attisdropped
    union all
    select concat_ws(' ', 'constraint', relname, conname, pg_get_constraintdef(pg_constraint.oid))
    from relation join pg_constraint on conrelid = relation.oid
    union all
    select concat_ws(' ', 'index', indexdef) from pg_indexes join relation on relname = indexname
    union all
    select concat_ws(' ', 'policy', tablename, policyname, permissive, roles::text, cmd, qual, with_check) from pg_policies
    union all
    select concat_ws(' ', 'trigger', pg_get_triggerdef(pg_trigger.oid), tgenabled)
    from relation join pg_trigger on tgrelid = relation.oid where not tgisinternal
    union all
    select concat_ws(' ', 'routine', pg_get_functiondef(oid), proacl::text, pg_get_userbyid(proowner))
    from pg_proc where pronamespace = 'public'::regnamespace
    order by line`);
  return rows.map(({ line }) => line);
}
