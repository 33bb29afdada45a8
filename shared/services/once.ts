import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../db/with-tenant.ts';
import type { ChangeContext } from './change-configuration.ts';

/** Longer than a key is remembered, so that no row is missed by who may still ask for it. */
const KEPT_HOURS = 48;
const PRIMARY_KEY = 'idempotent_effects_pkey';

type EffectContext = Pick<ChangeContext, 'tenantId' | 'requestId' | 'effectId'>;

/** An earlier run of the same request has committed the change: it was not made again. */
export class EffectRepeated extends Error {
  readonly requestId: string;

  constructor(requestId: string) {
    super('a request with this key has made the change');
    this.requestId = requestId;
  }
}

/**
 * The first statement of a change's transaction: it waits for every other change of the tenant's, and where the request has
 * an effect to be had once, writes that down. It fails, and the transaction with it, where that was committed before. What
 * is too old to be asked for leaves on the way.
 */
export function beginChange({ tenantId, requestId, effectId }: EffectContext): SQL {
  const lock = sql`select from tenants where id = ${tenantId} for no key update`;
  if (effectId === undefined) return lock;
  return sql`
    with too_old as (
      delete from idempotent_effects
      where tenant_id = ${tenantId}::uuid and created_at < now() - make_interval(hours => ${KEPT_HOURS}::int)
    )
    insert into idempotent_effects (tenant_id, effect_id, request_id)
    select ${tenantId}::uuid, ${effectId}::uuid, ${requestId}::uuid from (select count(*) from (${lock}) as locked) as one`;
}

/** A further common table expression of the statement that changes: nothing was had where there is no row in `changed`. */
export function notMade({ tenantId, effectId }: EffectContext): SQL {
  if (effectId === undefined) return sql``;
  return sql`, not_made as (
    delete from idempotent_effects
    where tenant_id = ${tenantId}::uuid and effect_id = ${effectId}::uuid and not exists (select from changed)
  )`;
}

/** The error of a change that an earlier run had committed, which names its request; any other error as it is. */
export async function asRepeated({ db, tenantId, effectId }: ChangeContext, error: unknown): Promise<unknown> {
  if (effectId === undefined || !isRepeated(error)) return error;
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ request_id: string }>(sql`
      select request_id from idempotent_effects where tenant_id = ${tenantId}::uuid and effect_id = ${effectId}::uuid`),
  ]);
  const [row] = rows;
  return row ? new EffectRepeated(row.request_id) : error;
}

function isRepeated(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('constraint' in current && current.constraint === PRIMARY_KEY) return true;
  }
  return false;
}
