import type { TaskState } from '../../contracts/tasks.ts';

/** What a caller may say of when and how often a task is tried. Times are epoch milliseconds. */
export interface TaskWishes {
  readonly priority: number;
  readonly executeAt: number | null;
  readonly deadlineAt: number | null;
  readonly maxAttempts: number;
  readonly backoff: TaskState['backoff'];
}

/** How long a task may take when nobody says. */
export const DEFAULT_LIFE_MS = 86_400_000;

/** A task that nobody has begun. */
export function newTask(wishes: TaskWishes, now: number): TaskState {
  const { priority, executeAt, deadlineAt, maxAttempts, backoff } = wishes;
  const runAfter = Math.max(now, executeAt ?? now);
  return {
    ...{ status: 'queued', revision: 1, priority, createdAt: now, updatedAt: now, runAfter },
    ...{ deadlineAt: deadlineAt ?? runAfter + DEFAULT_LIFE_MS, maxAttempts, attemptsAllowed: maxAttempts, backoff },
    ...{ executions: [], leaseUntil: null, endedAt: null, failure: null, lastRetryId: null },
  };
}
