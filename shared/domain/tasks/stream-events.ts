import type { TaskProgressEvent, TaskStreamEventName } from '../../contracts/http/task-stream.ts';
import type { TaskState } from '../../contracts/tasks.ts';
import { toUsdText } from '../../contracts/usd-text.ts';
import { hasEnded, openOf } from './decide.ts';
import { costOf } from './task-event.ts';

/** An event that has no place in a stream yet. That of `output` is filled in when it is read, from the task's result. */
export interface UnplacedEvent {
  readonly event: TaskStreamEventName;
  readonly data: object;
}

/** What followers know already. */
export interface Told {
  /** The last attempt that they were told of; 0: none. */
  readonly attempt: number;
  /** They have pieces of that attempt's output. */
  readonly hasPieces: boolean;
}

/** If there is nothing more to tell of a task: it has ended, and what its last attempt cost is known. */
export function isOver(state: TaskState): boolean {
  return hasEnded(state) && openOf(state) === null;
}

/**
 * What followers are told of a change; `before` is null when the stream begins, at whatever point of the task's life. An
 * attempt that found no room is not told of, since it may come to that every two seconds for a day: the one that follows has
 * its number, and counts as the same.
 */
export function streamEventsOf(before: TaskState | null, after: TaskState, told: Told): UnplacedEvent[] {
  if (isOver(after)) return before !== null && isOver(before) ? [] : endOf(after, told);
  const events: UnplacedEvent[] = [];
  if (before === null || isOver(before) || hasFailedAttempt(before, after)) {
    events.push({ event: 'task.status', data: progressOf(after) });
  }
  const open = openOf(after);
  if (open && !hasEnded(after) && open.number > told.attempt) {
    events.push({
      event: 'attempt',
      data: { attempt: open.number, startedAt: new Date(open.startedAt).toISOString() },
    });
  }
  return events;
}

/** The attempt that a task has come to; one that found no room is none. */
export function attemptOf({ executions }: Pick<TaskState, 'executions'>): number {
  const last = executions.at(-1);
  return last ? last.number - (last.isCounted ? 0 : 1) : 0;
}

function endOf(state: TaskState, { hasPieces }: Told): UnplacedEvent[] {
  const ended: UnplacedEvent = { event: 'task.ended', data: progressOf(state) };
  return state.status === 'succeeded' && !hasPieces ? [{ event: 'output', data: {} }, ended] : [ended];
}

/** If an attempt has failed that counts, and another one will be made. */
function hasFailedAttempt(before: TaskState, after: TaskState): boolean {
  return before.status === 'running' && after.status === 'queued' && after.executions.at(-1)?.isCounted === true;
}

function progressOf({ status, executions, failure, runAfter }: TaskState): TaskProgressEvent {
  const last = executions.at(-1);
  const cost = costOf(executions);
  return {
    status,
    attempt: attemptOf({ executions }),
    costUsd: cost === null ? null : toUsdText(cost),
    errorCode: failure?.code ?? (status === 'queued' ? (last?.errorCode ?? null) : null),
    errorDetail: failure?.detail ?? null,
    nextAttemptAt: status === 'queued' ? new Date(runAfter).toISOString() : null,
  };
}
