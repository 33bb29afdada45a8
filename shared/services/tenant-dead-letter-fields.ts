import { type SQL, sql } from 'drizzle-orm';
import { type DeadLetter, deadLetter } from '../contracts/http/dead-letters.ts';
import { isoText } from './configuration-columns.ts';

/** A tenant's dead letter as JSON, over the columns of its table; nothing of what was given up. */
export const DEAD_LETTER_FIELDS: SQL = sql`jsonb_build_object('id', id, 'kind', kind, 'status', status,
  'subjectId', subject_id, 'taskId', case kind when 'task' then subject_id when 'callback' then (
    select task_id from webhook_deliveries as delivery
    where delivery.tenant_id = tenant_dead_letters.tenant_id and delivery.id = subject_id) end,
  'reason', reason, 'attempts', attempts, 'sizeBytes', size_bytes, 'occurredAt', ${isoText('occurred_at')},
  'changedAt', ${isoText('changed_at')}, 'replayCount', replay_count, 'lastError', last_error,
  'createdAt', ${isoText('created_at')})`;

/** A row's fields as clients see them. */
export function toDeadLetter(fields: unknown): DeadLetter {
  return deadLetter.parse(fields);
}
