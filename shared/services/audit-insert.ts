import { type SQL, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import { toJsonb } from '../db/to-jsonb.ts';
import type { ChangeContext } from './change-configuration.ts';

/** What happened to what. */
export interface AuditedChange {
  /** `<resource>.<verb>`, as in `budget.created`. */
  readonly action: string;
  readonly targetType: string;
  /** The changed row's id, an SQL expression. */
  readonly targetId: SQL;
  /** SQL expressions of JSON: what people may see of the row; never a secret or a hash. */
  readonly before?: SQL | undefined;
  readonly after?: SQL | undefined;
  /** What is selected from: one audit row is written for each of its rows. */
  readonly from: SQL;
}

/** The statement that writes a change's audit row: to be part of the transaction, or the statement, that changes. */
export function auditInsert(by: ChangeContext, change: AuditedChange): SQL {
  const { tenantId, actor, requestId, ip, userAgent, servedAt } = by;
  const { action, targetType, targetId, from } = change;
  const row = {
    id: uuidv7(),
    tenant_id: tenantId,
    actor_user_id: actor.kind === 'user' ? actor.userId : null,
    actor_api_key_id: actor.kind === 'api_key' ? actor.apiKeyId : null,
    action,
    target_type: targetType,
    ip,
    user_agent: userAgent,
  };
  const names = Object.keys(row).map((name) => sql.identifier(name));
  const before = change.before ? sql`, 'before', ${change.before}` : sql``;
  const scimToken = actor.kind === 'scim_token' ? sql`, 'scimTokenId', ${actor.scimTokenId}::text` : sql``;
  const served = servedAt ? sql`, 'servedAt', ${toJsonb(servedAt)}::jsonb` : sql``;
  const after = change.after ? sql`, 'after', ${change.after}` : sql``;
  return sql`
    insert into audit_logs (${sql.join(names, sql`, `)}, target_id, metadata)
    select ${sql.join(
      names.map((name) => sql`incoming.${name}`),
      sql`, `,
    )}, ${targetId}, jsonb_build_object('requestId', ${requestId}::text${scimToken}${served}${before}${after})
    from ${from}, jsonb_populate_record(null::audit_logs, ${toJsonb(row)}::jsonb) as incoming`;
}
