import { type SQL, sql } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import { uuidv7 } from 'uuidv7';
import type { Actor } from '../auth/tenant-context.ts';
import type { ServedAt } from '../contracts/residency.ts';
import type { Database } from '../db/client.ts';
import { sqlState } from '../db/is-transient.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { withTenant } from '../db/with-tenant.ts';
import type { FieldError } from '../errors/domain-error.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { auditInsert } from './audit-insert.ts';
import { asRepeated, beginChange, EffectRepeated, notMade } from './once.ts';

const FOREIGN_KEY_VIOLATION = '23503';
const UNIQUE_VIOLATION = '23505';
const CHECK_VIOLATION = '23514';

const BLOCKED = 'Its state does not allow this, or it was changed at the same time.';

/** Who changes a tenant's configuration, and by which request. */
export interface ChangeContext {
  readonly db: Database;
  readonly tenantId: string;
  readonly actor: Actor;
  readonly requestId: string;
  /** What the request is to do once, where it has an Idempotency-Key; it commits with the change. */
  readonly effectId?: string | undefined;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** Absent for what no request from outside does. */
  readonly servedAt?: ServedAt;
}

/**
 * Why nothing was changed. `name_taken`: by another row, in `field`, or in `name`. `inconsistent`: the fields do not fit each other. `blocked`: it is there, but its state does not
 * allow the change. `denied`: it would give rights that who asks does not have.
 */
export type ChangeRefusal =
  | { readonly reason: 'not_found' }
  | { readonly reason: 'name_taken'; readonly field?: string }
  | { readonly reason: 'inconsistent' }
  | { readonly reason: 'blocked'; readonly detail: string }
  | { readonly reason: 'denied'; readonly errors: readonly FieldError[] }
  | { readonly reason: 'invalid'; readonly errors: readonly FieldError[] }
  | { readonly reason: 'unknown_references'; readonly fields: readonly ReferenceField[] };

export type ReferenceField = 'environmentId' | 'apiKeyId';

/** What a row refers to; it must be the tenant's. */
export type References = { readonly [Field in ReferenceField]?: string | null | undefined };

/** A tenant's table whose rows have an `id`: how a row of it reads as JSON, and what the audit log calls it. */
export interface ConfigurationTable {
  readonly table: PgTable;
  readonly target: string;
  /** An SQL expression over the table's columns: the fields that clients and auditors see, no others. */
  readonly fields: SQL;
}

/** Values by column. */
export type Row = Readonly<Record<string, unknown>>;

/** Which rows of a table may be changed or added, and what is said where it is not one. */
export interface Condition {
  readonly condition: SQL;
  readonly blocked: string;
}

const ALWAYS: Condition = { condition: sql`true`, blocked: BLOCKED };

/** Adds a row and answers its fields. Its id is `row.id`, or a new one. */
export function insertConfiguration(
  by: ChangeContext,
  kind: ConfigurationTable,
  row: Row & { readonly id?: string },
  references: References,
  { condition, blocked }: Condition = ALWAYS,
): Promise<Result<unknown, ChangeRefusal>> {
  const { id = uuidv7() } = row;
  const statement = insertStatement(by, kind, { ...row, id }, sql`${condition} and not exists (select from missing)`);
  return changeConfiguration(by, kind, { verb: 'created', id, statement, references, blocked });
}

/** The statement that adds a row where a condition holds. */
export function insertStatement(by: ChangeContext, kind: ConfigurationTable, row: Row, condition: SQL): SQL {
  const full = { ...row, tenant_id: by.tenantId };
  return sql`
    insert into ${kind.table} (${columns(full)}) select ${columns(full)} from ${record(kind, full)}
    where ${condition} returning id, ${kind.fields} as fields`;
}

/** Changes columns of a row and answers its fields. The audit log says `verb` of it. */
export function updateConfiguration(
  by: ChangeContext,
  kind: ConfigurationTable,
  id: string,
  row: Row,
  references: References,
  { condition, blocked, verb = 'updated' }: Condition & { readonly verb?: string } = ALWAYS,
): Promise<Result<unknown, ChangeRefusal>> {
  const statement = sql`
    update ${kind.table} set (${columns(row)}) = (select ${columns(row)} from ${record(kind, row)})
    where ${isRow(by, id)} and ${condition} and not exists (select from missing)
    returning id, ${kind.fields} as fields`;
  return changeConfiguration(by, kind, { verb, id, statement, references, blocked });
}

/** Removes a row and answers the fields that it had. */
export function deleteConfiguration(
  by: ChangeContext,
  kind: ConfigurationTable,
  id: string,
  { condition, blocked }: Condition = ALWAYS,
): Promise<Result<unknown, ChangeRefusal>> {
  const statement = sql`
    delete from ${kind.table} where ${isRow(by, id)} and ${condition} returning id, ${kind.fields} as fields`;
  return changeConfiguration(by, kind, { verb: 'deleted', id, statement, blocked });
}

/** One change of one row, with what belongs to it. */
export interface Change {
  /** What the audit log says of it; one that is `created` was nothing before, one that is `deleted` nothing after. */
  readonly verb: string;
  /** The row that it happens to. */
  readonly id: string;
  /** Writes one row or none, and returns its id and fields. It may ask `missing` for references that are not there. */
  readonly statement: SQL;
  /** Further common table expressions that the statement asks for, each with a comma behind it. */
  readonly also?: SQL;
  readonly references?: References;
  /** What is said where the row is there, or was to be made, and the statement did not write. */
  readonly blocked?: string;
}

/**
 * The change, the audit row and the raised configuration version, in one transaction. A tenant's changes go one after
 * another: each reads what the one before it wrote.
 */
export async function changeConfiguration(
  by: ChangeContext,
  kind: ConfigurationTable,
  { verb, id, statement, also = sql``, references = {}, blocked = BLOCKED }: Change,
): Promise<Result<unknown, ChangeRefusal>> {
  const { db, tenantId } = by;
  const audited = auditInsert(by, {
    ...{ action: `${kind.target}.${verb}`, targetType: kind.target, targetId: sql`${id}::uuid`, from: sql`changed` },
    before: verb === 'created' ? undefined : sql`(select fields from before)`,
    after: verb === 'deleted' ? undefined : sql`changed.fields`,
  });
  const changed = sql`
    with missing as (${missing(tenantId, references)}),
    before as (select ${kind.fields} as fields from ${kind.table} where ${isRow(by, id)}),
    ${also}
    changed as (${statement}),
    raised as (
      update tenants set config_version = config_version + 1, updated_at = now()
      where id = ${tenantId} and exists (select from changed)
    ),
    audited as (${audited})${notMade(by)}
    select (select fields from changed) as fields, (select jsonb_agg(field) from missing) as missing,
      exists (select from before) as is_there`;
  try {
    const [, { rows }] = await withTenant(db, tenantId, (db) => [
      db.execute(beginChange(by)),
      db.execute<{ fields: unknown; missing: ReferenceField[] | null; is_there: boolean }>(changed),
    ]);
    const [row] = rows;
    if (row?.missing) return err({ reason: 'unknown_references', fields: row.missing });
    if (row?.fields) return ok(row.fields);
    const isThere = row?.is_there || verb === 'created';
    return err(isThere ? { reason: 'blocked', detail: blocked } : { reason: 'not_found' });
  } catch (cause) {
    const error = await asRepeated(by, cause);
    if (error instanceof EffectRepeated) throw error;
    const state = sqlState(error);
    if (state === UNIQUE_VIOLATION) return err({ reason: 'name_taken' });
    if (state === CHECK_VIOLATION) return err({ reason: 'inconsistent' });
    if (state === FOREIGN_KEY_VIOLATION) return err({ reason: 'blocked', detail: blocked });
    throw error;
  }
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

/** That it is this row of the tenant. */
export function isRow({ tenantId }: Pick<ChangeContext, 'tenantId'>, id: string): SQL {
  return sql`tenant_id = ${tenantId} and id = ${id}`;
}

function columns(row: Row): SQL {
  const names = Object.keys(row).map((name) => sql.identifier(name));
  return sql.join(names, sql`, `);
}

/** Values as a row of a table: numbers, texts, arrays and JSON become what its columns are. */
function record({ table }: ConfigurationTable, row: Row): SQL {
  const name = sql.identifier(getTableConfig(table).name);
  return sql`jsonb_populate_record(null::${name}, ${toJsonb(row)}::jsonb)`;
}
