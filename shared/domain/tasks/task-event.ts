import type { TaskChanged, TaskRecorded } from '../../contracts/queues.ts';
import type { TaskChanger, TaskExecution, TaskFacts, TaskState } from '../../contracts/tasks.ts';

/** A task as its record tells it: all of it, so that any order of records ends at the newest. */
export function toTaskRecorded(facts: TaskFacts, state: TaskState): TaskRecorded {
  const { taskId, environmentId, actor, batchId, taskType, metadata, inputShown } = facts;
  const { status, revision, priority, createdAt, updatedAt, runAfter, deadlineAt, endedAt, failure } = state;
  return {
    type: 'task.recorded',
    ...{ taskId, revision, environmentId, batchId, taskType, status, priority },
    apiKeyId: actor.kind === 'api_key' ? actor.apiKeyId : null,
    userId: actor.kind === 'user' ? actor.userId : null,
    input: JSON.parse(inputShown),
    metadata: JSON.parse(metadata),
    traceId: traceIdOf(facts),
    ...{ createdAt, updatedAt, runAfter, deadlineAt, endedAt, failure },
    maxAttempts: state.attemptsAllowed,
    costPicoUsd: costOf(state.executions)?.toString() ?? null,
    executions: [...state.executions],
    ...(facts.callbackUrl !== undefined && { callbackUrl: facts.callbackUrl }),
  };
}

/** A change of a task that somebody asked for, as the audit log is told of it; `eventId` is a new id. */
export function toTaskChanged(
  eventId: string,
  by: TaskChanger,
  change: { readonly taskId: string; readonly action: TaskChanged['action'] },
  { before, after }: { readonly before: TaskState; readonly after: TaskState },
): TaskChanged {
  const { updatedAt: changedAt } = after;
  return { type: 'task.changed', eventId, ...by, ...change, before: before.status, after: after.status, changedAt };
}

/** If a task has failed and nothing will try it again by itself because its attempts are used up. */
export function hasUsedUpAttempts({ status, executions, maxAttempts }: TaskRecorded): boolean {
  return status === 'failed' && executions.filter(({ isCounted }) => isCounted).length >= maxAttempts;
}

/** What all attempts cost together; null while that of any is not known. */
export function costOf(executions: readonly TaskExecution[]): bigint | null {
  let sum = 0n;
  for (const { costPicoUsd } of executions) {
    if (costPicoUsd === null) return null;
    sum += BigInt(costPicoUsd);
  }
  return sum;
}

/** The trace that a task's creator began, in which all of its attempts are. */
export function traceIdOf({ traceparent }: Pick<TaskFacts, 'traceparent'>): string {
  return traceparent.split('-')[1] ?? '';
}
