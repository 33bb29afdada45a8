import type { TaskExecution, TaskFailure, TaskState } from '../../contracts/tasks.ts';
import { MOST_EXECUTIONS, TASK_LEASE_MS } from './constants.ts';

/** What the call of an attempt cost, as far as it is known. */
export type AttemptBill = Pick<TaskExecution, 'requestId' | 'costPicoUsd' | 'isEstimated'>;

/** How an attempt ended. `postponed`: nothing was sent to a provider, and there may be room later. */
export type AttemptOutcome =
  | { readonly kind: 'succeeded' }
  | {
      readonly kind: 'failed';
      readonly failure: TaskFailure;
      readonly isRetryable: boolean;
      readonly retryAfterMs: number;
    }
  | { readonly kind: 'postponed'; readonly failure: TaskFailure; readonly retryAfterMs: number };

/** `attempt` is the number of the execution that is spoken of; `random` is from 0 to below 1. */
export type TaskCommand =
  | { readonly kind: 'claim' }
  | { readonly kind: 'heartbeat'; readonly attempt: number }
  | {
      readonly kind: 'end';
      readonly attempt: number;
      readonly outcome: AttemptOutcome;
      readonly bill: AttemptBill;
      readonly random: number;
    }
  /** Whatever time has brought about: a lease or a deadline that is over. */
  | { readonly kind: 'tick'; readonly random: number }
  | { readonly kind: 'cancel' }
  /** `retryId` names the request for it: the same one changes nothing again. Null: it has no name. */
  | { readonly kind: 'retry'; readonly retryId: string | null };

/** `call`: make this attempt. `abort`: end its call. `keepResult`: what it answered is the task's result. */
export type TaskEffect =
  | { readonly kind: 'call'; readonly attempt: number }
  | { readonly kind: 'abort'; readonly attempt: number }
  | { readonly kind: 'keepResult' };

/** A state that is the very same object means that the command changed nothing. */
export interface TaskDecision {
  readonly state: TaskState;
  readonly effects: readonly TaskEffect[];
}

const NO_BILL: AttemptBill = { requestId: null, costPicoUsd: null, isEstimated: true };
const LOST: TaskFailure = {
  code: 'attempt_lost',
  detail: 'What ran the attempt was lost. If the provider was called, the call is billed at its estimate.',
};
const TOO_LATE: TaskFailure = { code: 'deadline_exceeded', detail: 'The task’s deadline passed before it had ended.' };

/**
 * A task's whole life, as a pure function. A command that does not fit, because it comes twice, late or out of order,
 * changes nothing. Only `retry` leaves an end, and a task has at most one open execution.
 */
export function decide(state: TaskState, command: TaskCommand, now: number): TaskDecision {
  switch (command.kind) {
    case 'claim':
      return claim(state, now);
    case 'heartbeat':
      return openOf(state)?.number === command.attempt
        ? same({ ...state, leaseUntil: now + TASK_LEASE_MS })
        : same(state);
    case 'end':
      return openOf(state)?.number === command.attempt ? end(state, command, now) : same(state);
    case 'tick':
      return tick(state, command.random, now);
    case 'cancel':
      return hasEnded(state) ? same(state) : stop(state, 'canceled', null, now);
    case 'retry':
      return retry(state, command.retryId, now);
  }
}

/** If only a retry can change it, but for what its last attempt still has to tell. */
export function hasEnded({ status }: Pick<TaskState, 'status'>): boolean {
  return status !== 'queued' && status !== 'running';
}

/** When time alone will change the task; null: never. */
export function nextTick(state: TaskState): number | null {
  if (hasEnded(state)) return state.leaseUntil;
  return Math.min(state.deadlineAt, state.leaseUntil ?? Number.POSITIVE_INFINITY);
}

/** The attempts that count. */
export function countAttempts({ executions }: Pick<TaskState, 'executions'>): number {
  return executions.filter(({ isCounted }) => isCounted).length;
}

function claim(state: TaskState, now: number): TaskDecision {
  if (state.status !== 'queued' || now < state.runAfter || now >= state.deadlineAt) return same(state);
  const kept = state.executions.filter(({ isCounted }) => isCounted);
  const attempt = kept.length + 1;
  const execution: TaskExecution = {
    ...{ number: attempt, status: 'running', startedAt: now, endedAt: null, errorCode: null },
    ...{ requestId: null, costPicoUsd: null, isEstimated: false, isCounted: true },
  };
  const executions = [...kept, execution];
  const running = change(state, { status: 'running', executions, leaseUntil: now + TASK_LEASE_MS }, now);
  return { state: running, effects: [{ kind: 'call', attempt }] };
}

function end(state: TaskState, command: Extract<TaskCommand, { kind: 'end' }>, now: number): TaskDecision {
  const { outcome, bill, random } = command;
  // It was canceled, or its deadline passed, while the call ran: what the call cost is all that is left to tell.
  if (hasEnded(state)) return same(close(state, { status: 'canceled', ...bill }, now));
  if (outcome.kind === 'succeeded') {
    const closed = close(state, { status: 'succeeded', ...bill }, now);
    return { state: { ...closed, status: 'succeeded', endedAt: now }, effects: [{ kind: 'keepResult' }] };
  }
  const { failure, retryAfterMs } = outcome;
  if (outcome.kind === 'postponed') {
    const waited = { status: 'canceled', errorCode: failure.code, isCounted: false, ...bill } as const;
    return same({ ...close(state, waited, now), status: 'queued', runAfter: now + Math.max(1, retryAfterMs) });
  }
  return same(fail(state, { failure, isRetryable: outcome.isRetryable, retryAfterMs, bill, random }, now));
}

function tick(state: TaskState, random: number, now: number): TaskDecision {
  if (state.leaseUntil !== null && state.leaseUntil <= now) {
    if (hasEnded(state)) return same(close(state, { status: 'canceled', errorCode: LOST.code, ...NO_BILL }, now));
    return same(fail(state, { failure: LOST, isRetryable: true, retryAfterMs: 0, bill: NO_BILL, random }, now));
  }
  return hasEnded(state) || now < state.deadlineAt ? same(state) : stop(state, 'failed', TOO_LATE, now);
}

interface Failing {
  readonly failure: TaskFailure;
  readonly isRetryable: boolean;
  readonly retryAfterMs: number;
  readonly bill: AttemptBill;
  readonly random: number;
}

/** An attempt failed: the task waits for its next one, with full jitter on top of what was asked for, or has failed. */
function fail(state: TaskState, failing: Failing, now: number): TaskState {
  const { failure, isRetryable, retryAfterMs, bill, random } = failing;
  const closed = close(state, { status: 'failed', errorCode: failure.code, ...bill }, now);
  const attempts = countAttempts(closed);
  if (!isRetryable || attempts >= state.attemptsAllowed) return { ...closed, status: 'failed', failure, endedAt: now };
  const { baseMs, capMs } = state.backoff;
  const pauseMs = retryAfterMs + random * Math.min(capMs, baseMs * 2 ** (attempts - 1));
  return { ...closed, status: 'queued', runAfter: now + Math.ceil(pauseMs) };
}

/** Ends a task from outside. Its open execution stays open until its call has told what it cost. */
function stop(state: TaskState, status: 'canceled' | 'failed', failure: TaskFailure | null, now: number): TaskDecision {
  const open = openOf(state);
  return {
    state: change(state, { status, failure, endedAt: now }, now),
    effects: open ? [{ kind: 'abort', attempt: open.number }] : [],
  };
}

function retry(state: TaskState, retryId: string | null, now: number): TaskDecision {
  if (retryId !== null && retryId === state.lastRetryId) return same(state);
  const isOver = state.status === 'failed' || state.status === 'canceled';
  const attempts = countAttempts(state);
  if (!isOver || openOf(state) || attempts + state.maxAttempts > MOST_EXECUTIONS) return same(state);
  const life = state.deadlineAt - state.createdAt;
  const deadlineAt = state.deadlineAt > now ? state.deadlineAt : now + life;
  const attemptsAllowed = attempts + state.maxAttempts;
  const again = { status: 'queued', runAfter: now, deadlineAt, attemptsAllowed, failure: null, endedAt: null } as const;
  return same(change(state, { ...again, lastRetryId: retryId }, now));
}

/** The attempt that is being made, or whose cost is still to be told. */
export function openOf({ executions }: Pick<TaskState, 'executions'>): TaskExecution | null {
  const last = executions.at(-1);
  return last?.endedAt === null ? last : null;
}

function close(state: TaskState, ended: Partial<TaskExecution>, now: number): TaskState {
  const last = executionsBut(state);
  const executions = [...last.before, { ...last.open, ...ended, endedAt: now }];
  return change(state, { executions, leaseUntil: null }, now);
}

function executionsBut(state: TaskState): { readonly before: readonly TaskExecution[]; readonly open: TaskExecution } {
  const open = openOf(state);
  if (!open) throw new Error('the task has no open execution');
  return { before: state.executions.slice(0, -1), open };
}

function change(state: TaskState, changes: Partial<TaskState>, now: number): TaskState {
  return { ...state, ...changes, revision: state.revision + 1, updatedAt: now };
}

function same(state: TaskState): TaskDecision {
  return { state, effects: [] };
}
