import { type SQL, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import { isLeaving } from './takes-entries.ts';

/**
 * A statement that runs `givenUp`, an update of deliveries without its RETURNING, and keeps a dead letter of each callback
 * that it changed, with an entry of the tenant's audit log. A delivery that is given up again after a replay is another one.
 */
export function keepDeadDelivery(givenUp: SQL, at: SQL): SQL {
  return sql`
    with given_up as (${givenUp} returning tenant_id, id, task_id, attempt, error_message, octet_length(body) as size),
    kept as (
      insert into tenant_dead_letters (tenant_id, kind, subject_id, occurred_at, reason, attempts, size_bytes)
      select tenant_id, 'callback', id, ${at}, coalesce(error_message, ''), attempt, size from given_up
      where task_id is not null and not ${isLeaving(sql`given_up.tenant_id`)}
      on conflict (tenant_id, kind, subject_id, occurred_at) do nothing
      returning tenant_id, id, kind, subject_id
    )
    insert into audit_logs (id, tenant_id, action, target_type, target_id, metadata)
    select ${uuidv7()}::uuid, tenant_id, 'dead_letter.created', 'dead_letter', id,
      jsonb_build_object('kind', kind, 'subjectId', subject_id) from kept`;
}
