import { type SQL, sql } from 'drizzle-orm';
import type { TaskRecorded } from '../contracts/queues.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import { hasUsedUpAttempts } from '../domain/tasks/task-event.ts';

/**
 * Statements that keep a tenant's dead letters as its tasks are: one for each time that a task's attempts were used up, and
 * those of a task that has left its end since, by whichever way, count as replayed. Come behind the statement that writes
 * the tasks, and heed only what that took in. `events` has one event of a task at most.
 */
export function noteDeadTasks(tenantId: string, events: readonly TaskRecorded[]): SQL[] {
  const dead = events.filter(hasUsedUpAttempts).map(toLetter);
  const others = events.filter(({ status }) => status !== 'failed').map(({ taskId }) => taskId);
  return [
    ...(dead.length === 0 ? [] : [insert(tenantId, dead)]),
    ...(others.length === 0 ? [] : [end(tenantId, others)]),
  ];
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

function end(tenantId: string, taskIds: readonly string[]): SQL {
  return sql`
    update tenant_dead_letters set status = 'replayed', changed_at = now()
    from tasks
    where tenant_dead_letters.tenant_id = ${tenantId}::uuid and kind = 'task' and tenant_dead_letters.status = any('{open,replaying}')
      and subject_id = any(array(select jsonb_array_elements_text(${toJsonb(taskIds)}::jsonb)::uuid))
      and tasks.tenant_id = tenant_dead_letters.tenant_id and tasks.id = subject_id and tasks.status <> 'failed'`;
}
