import { type SQL, sql } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import { uuidv7 } from 'uuidv7';
import type { Actor } from '../auth/tenant-context.ts';
import type { Database } from '../db/client.ts';
import { sqlState } from '../db/is-transient.ts';
import type { budgets, rateLimits } from '../db/schema/configuration.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { withTenant } from '../db/with-tenant.ts';
import { err, ok, type Result } from '../errors/result.ts';

const UNIQUE_VIOLATION = '23505';
const CHECK_VIOLATION = '23514';

/** Who changes a tenant's configuration, and by which request. */
export interface ChangeContext {
  readonly db: Database;
  readonly tenantId: string;
  readonly actor: Actor;
  readonly requestId: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** Why nothing was changed. `inconsistent`: the fields do not fit each other. */
export type ChangeRefusal =
  | { readonly reason: 'not_found' }
  | { readonly reason: 'name_taken' }
  | { readonly reason: 'inconsistent' }
  | { readonly reason: 'unknown_references'; readonly fields: readonly ReferenceField[] };

export type ReferenceField = 'environmentId' | 'apiKeyId';

/** What a row refers to; it must be the tenant's. */
export type References = { readonly [Field in ReferenceField]?: string | null | undefined };

/** A table of configuration: how a row of it reads as JSON, and what the audit log calls it. */
export interface ConfigurationTable {
  readonly table: typeof budgets | typeof rateLimits;
  readonly target: string;
  /** An SQL expression over the table's columns: the fields that clients and auditors see, no others. */
  readonly fields: SQL;
}

/** Values by column. */
export type Row = Readonly<Record<string, unknown>>;

/** Adds a row and answers its fields. */
export function insertConfiguration(
  by: ChangeContext,
  kind: ConfigurationTable,
  row: Row,
  references: References,
): Promise<Result<unknown, ChangeRefusal>> {
  const full = { id: uuidv7(), tenant_id: by.tenantId, ...row };
  const insert = sql`
    insert into ${kind.table} (${columns(full)}) select ${columns(full)} from ${record(kind, full)}
    where not exists (select from missing) returning id, ${kind.fields} as fields`;
  return change(by, kind, { verb: 'created', id: full.id, statement: insert, references });
}

/** Changes columns of a row and answers its fields. */
export function updateConfiguration(
  by: ChangeContext,
  kind: ConfigurationTable,
  id: string,
  row: Row,
  references: References,
): Promise<Result<unknown, ChangeRefusal>> {
  const update = sql`
    update ${kind.table} set (${columns(row)}) = (select ${columns(row)} from ${record(kind, row)})
    where ${isRow(by, id)} and not exists (select from missing) returning id, ${kind.fields} as fields`;
  return change(by, kind, { verb: 'updated', id, statement: update, references });
}

/** Removes a row and answers the fields that it had. */
export function deleteConfiguration(
  by: ChangeContext,
  kind: ConfigurationTable,
  id: string,
): Promise<Result<unknown, ChangeRefusal>> {
  const remove = sql`delete from ${kind.table} where ${isRow(by, id)} returning id, ${kind.fields} as fields`;
  return change(by, kind, { verb: 'deleted', id, statement: remove, references: {} });
}

interface Change {
  readonly verb: 'created' | 'updated' | 'deleted';
  readonly id: string;
  /** Writes one row or none, and returns its id and fields. It may ask `missing` for references that are not there. */
  readonly statement: SQL;
  readonly references: References;
}

/**
 * The change, the audit row and the raised configuration version, in one transaction. A tenant's changes go one after
 * another: each reads what the one before it wrote.
 */
async function change(
  by: ChangeContext,
  kind: ConfigurationTable,
  { verb, id, statement, references }: Change,
): Promise<Result<unknown, ChangeRefusal>> {
  const { db, tenantId } = by;
  const changed = sql`
    with missing as (${missing(tenantId, references)}),
    before as (select ${kind.fields} as fields from ${kind.table} where ${isRow(by, id)}),
    changed as (${statement}),
    raised as (
      update tenants set config_version = config_version + 1, updated_at = now()
      where id = ${tenantId} and exists (select from changed)
    ),
    audited as (${audit(by, `${kind.target}.${verb}`, kind.target, verb)})
    select (select fields from changed) as fields, (select jsonb_agg(field) from missing) as missing`;
  try {
    const [, { rows }] = await withTenant(db, tenantId, (db) => [
      db.execute(sql`select from tenants where id = ${tenantId} for no key update`),
      db.execute<{ fields: unknown; missing: ReferenceField[] | null }>(changed),
    ]);
    const [row] = rows;
    if (row?.missing) return err({ reason: 'unknown_references', fields: row.missing });
    return row?.fields ? ok(row.fields) : err({ reason: 'not_found' });
  } catch (error) {
    const state = sqlState(error);
    if (state === UNIQUE_VIOLATION) return err({ reason: 'name_taken' });
    if (state === CHECK_VIOLATION) return err({ reason: 'inconsistent' });
    throw error;
  }
}

/** One audit row for the row that was changed, with its fields before and after. */
function audit(by: ChangeContext, action: string, target: string, verb: Change['verb']): SQL {
  const { tenantId, actor, requestId, ip, userAgent } = by;
  const row = {
    id: uuidv7(),
    tenant_id: tenantId,
    actor_user_id: actor.kind === 'user' ? actor.userId : null,
    actor_api_key_id: actor.kind === 'api_key' ? actor.apiKeyId : null,
    action,
    target_type: target,
    ip,
    user_agent: userAgent,
  };
  const before = verb === 'created' ? sql`` : sql`, 'before', (select fields from before)`;
  const after = verb === 'deleted' ? sql`` : sql`, 'after', changed.fields`;
  return sql`
    insert into audit_logs (${columns(row)}, target_id, metadata)
    select ${columns(row, 'incoming')}, changed.id, jsonb_build_object('requestId', ${requestId}::text${before}${after})
    from changed, jsonb_populate_record(null::audit_logs, ${toJsonb(row)}::jsonb) as incoming`;
}

/** The fields whose row is not there, or is another tenant's. */
function missing(tenantId: string, { environmentId = null, apiKeyId = null }: References): SQL {
  return sql`
    select 'environmentId' as field where ${environmentId}::uuid is not null
      and not exists (select from environments where tenant_id = ${tenantId} and id = ${environmentId}::uuid)
    union all
    select 'apiKeyId' where ${apiKeyId}::uuid is not null
      and not exists (select from api_keys where tenant_id = ${tenantId} and id = ${apiKeyId}::uuid)`;
}

function isRow({ tenantId }: ChangeContext, id: string): SQL {
  return sql`tenant_id = ${tenantId} and id = ${id}`;
}

function columns(row: Row, of?: string): SQL {
  const names = Object.keys(row).map((name) => sql.identifier(name));
  return sql.join(of === undefined ? names : names.map((name) => sql`${sql.identifier(of)}.${name}`), sql`, `);
}

/** Values as a row of a table: numbers, texts, arrays and JSON become what its columns are. */
function record({ table }: ConfigurationTable, row: Row): SQL {
  const name = sql.identifier(getTableConfig(table).name);
  return sql`jsonb_populate_record(null::${name}, ${toJsonb(row)}::jsonb)`;
}
