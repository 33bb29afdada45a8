import { describe, expect, it } from 'vitest';
import type { TaskState } from '../../contracts/tasks.ts';
import { type AttemptOutcome, decide, type TaskCommand } from './decide.ts';
import { newTask } from './new-task.ts';
import { attemptOf, isOver, streamEventsOf, type UnplacedEvent } from './stream-events.ts';

const T0 = Date.UTC(2026, 10, 30);
const BILL = { requestId: '0af76519-16cd-43dd-8448-eb211c80319c', costPicoUsd: '7000000', isEstimated: false };
const FAILURE = { code: 'provider_failed', detail: 'It failed.' };
const FAILED: AttemptOutcome = { kind: 'failed', failure: FAILURE, isRetryable: true, retryAfterMs: 0 };
const POSTPONED: AttemptOutcome = {
  ...{ kind: 'postponed', retryAfterMs: 2_000 },
  failure: { code: 'rate_limited', detail: '' },
};
const CLAIM: TaskCommand = { kind: 'claim' };

const end = (outcome: AttemptOutcome, attempt = 1): TaskCommand => ({
  ...{ kind: 'end', attempt, outcome, bill: BILL, random: 0 },
});

function task(maxAttempts = 2): TaskState {
  const wishes = { priority: 0, executeAt: null, deadlineAt: null, maxAttempts, backoff: { baseMs: 0, capMs: 0 } };
  return newTask(wishes, T0);
}

/** What followers are told of a task's life, from its first state on. */
function told(first: TaskState, commands: readonly TaskCommand[], hasPieces = false): UnplacedEvent[] {
  const events = streamEventsOf(null, first, { attempt: 0, hasPieces });
  let [state, attempt, now] = [first, attemptOf(first), T0];
  for (const command of commands) {
    now += 5_000;
    const next = decide(state, command, now).state;
    events.push(...streamEventsOf(state, next, { attempt, hasPieces }));
    attempt = Math.max(attempt, attemptOf(next));
    state = next;
  }
  return events;
}

const summary = (events: readonly UnplacedEvent[]) =>
  events.map(({ event, data }) => ('status' in data ? `${event} ${data.status}` : event));

describe('what followers of a task are told', () => {
  it('is its attempts, those that failed, and its end', () => {
    const events = told(task(), [CLAIM, end(FAILED), CLAIM, end({ kind: 'succeeded' }, 2)], true);
    expect(summary(events)).toEqual([
      ...['task.status queued', 'attempt', 'task.status queued', 'attempt', 'task.ended succeeded'],
    ]);
    expect(events[2]?.data).toMatchObject({ attempt: 1, errorCode: 'provider_failed', costUsd: '0.000007' });
    expect(events[4]?.data).toMatchObject({ attempt: 2, errorCode: null, costUsd: '0.000014', nextAttemptAt: null });
  });

  it('is the whole output where no piece of it was told', () => {
    expect(summary(told(task(), [CLAIM, end({ kind: 'succeeded' })]))).toEqual([
      ...['task.status queued', 'attempt', 'output', 'task.ended succeeded'],
    ]);
  });

  it('is nothing of attempts that find no room, however many', () => {
    const waits = Array.from({ length: 50 }, () => [CLAIM, end(POSTPONED)]).flat();
    expect(summary(told(task(), [...waits, CLAIM, end({ kind: 'succeeded' })], true))).toEqual([
      ...['task.status queued', 'attempt', 'task.ended succeeded'],
    ]);
  });

  it('is the attempt that follows one without room, where the stream began between the two', () => {
    const waiting = decide(decide(task(), CLAIM, T0).state, end(POSTPONED), T0).state;
    expect(summary(told(waiting, [CLAIM, end({ kind: 'succeeded' })], true))).toEqual([
      ...['task.status queued', 'attempt', 'task.ended succeeded'],
    ]);
  });

  it('is an end only when what the last call cost is known', () => {
    const running = told(task(), [CLAIM, { kind: 'cancel' }]);
    expect(summary(running)).toEqual(['task.status queued', 'attempt']);
    expect(summary(told(task(), [CLAIM, { kind: 'cancel' }, end(FAILED)]))).toEqual([
      ...['task.status queued', 'attempt', 'task.ended canceled'],
    ]);
    expect(summary(told(task(), [{ kind: 'cancel' }]))).toEqual(['task.status queued', 'task.ended canceled']);
  });

  it('goes on behind an end that a retry by hand has left', () => {
    const life = [CLAIM, end(FAILED), { kind: 'retry', retryId: null }, CLAIM, end(FAILED, 2)] as const;
    const events = told(task(1), life);
    expect(summary(events)).toEqual([
      ...['task.status queued', 'attempt', 'task.ended failed', 'task.status queued', 'attempt', 'task.ended failed'],
    ]);
    expect(events.at(-1)?.data).toMatchObject({ errorCode: 'provider_failed', errorDetail: 'It failed.' });
  });

  it('of a stream that begins late is the task as it is then', () => {
    const running = decide(task(), CLAIM, T0).state;
    expect(summary(told(running, []))).toEqual(['task.status running', 'attempt']);
    const over = decide(running, end({ kind: 'succeeded' }), T0).state;
    expect(isOver(over)).toBe(true);
    expect(summary(told(over, []))).toEqual(['output', 'task.ended succeeded']);
  });

  it('is nothing where nothing has changed', () => {
    const state = task();
    expect(streamEventsOf(state, state, { attempt: 0, hasPieces: false })).toEqual([]);
  });
});
