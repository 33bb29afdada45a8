import { type SQL, sql } from 'drizzle-orm';
import type { TaskRecorded } from '../contracts/queues.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { hasUsedUpAttempts } from '../domain/tasks/task-event.ts';

/**
 * Statements that keep a tenant's dead letters as its tasks are: one for each time that a task's attempts were used up, and
 * those of a task that has left that end since, by whichever way, count as replayed. Come behind the statement that writes
 * the tasks, and heed only what that took in. `events` has one event of a task at most.
 */
export function noteDeadTasks(tenantId: string, events: readonly TaskRecorded[]): SQL[] {
  const dead = events.filter(hasUsedUpAttempts).map(toLetter);
  const ended = endLeft(
    tenantId,
    events.map(({ taskId }) => taskId),
  );
  return dead.length === 0 ? [ended] : [ended, insert(tenantId, dead)];
}

function toLetter({ taskId, revision, endedAt, updatedAt, failure, maxAttempts }: TaskRecorded) {
  return {
    ...{ id: taskId, revision, attempts: maxAttempts, reason: failure?.code ?? 'failed' },
    occurred_at: new Date(endedAt ?? updatedAt).toISOString(),
  };
}

function insert(tenantId: string, letters: readonly ReturnType<typeof toLetter>[]): SQL {
  return sql`
    insert into tenant_dead_letters (tenant_id, kind, subject_id, occurred_at, reason, attempts)
    select tasks.tenant_id, 'task', tasks.id, letter.occurred_at, letter.reason, letter.attempts
    from jsonb_to_recordset(${toJsonb(letters)}::jsonb)
      as letter (id uuid, revision integer, occurred_at timestamptz, reason text, attempts integer)
    join tasks on tasks.tenant_id = ${tenantId}::uuid and tasks.id = letter.id and tasks.revision = letter.revision
    on conflict (tenant_id, kind, subject_id, occurred_at) do nothing`;
}

function endLeft(tenantId: string, taskIds: readonly string[]): SQL {
  return sql`
    update tenant_dead_letters as letter
    set status = 'replayed', changed_at = now(), replay_count = replay_count + (letter.status = 'replaying')::integer
    from tasks
    where letter.tenant_id = ${tenantId}::uuid and letter.kind = 'task' and letter.status = any('{open,replaying}')
      and letter.subject_id = any(array(select jsonb_array_elements_text(${toJsonb(taskIds)}::jsonb)::uuid))
      and tasks.tenant_id = letter.tenant_id and tasks.id = letter.subject_id
      and (tasks.status <> 'failed' or tasks.ended_at > letter.occurred_at)`;
}
