import * as z from 'zod';
import type { Permission } from './permission-names.ts';
import { requestLocation } from './residency.ts';

export const TASK_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const;
export const taskStatus = z.enum(TASK_STATUSES);
export type TaskStatus = z.infer<typeof taskStatus>;

export const EXECUTION_STATUSES = ['running', 'succeeded', 'failed', 'canceled'] as const;

/** Why a task failed. `code` is one of the public error codes, or `attempt_lost` or `deadline_exceeded`. */
export const taskFailure = z.object({ code: z.string(), detail: z.string() });
export type TaskFailure = z.infer<typeof taskFailure>;

/** One attempt at a task. Times are epoch milliseconds. */
export const taskExecution = z.object({
  /** From 1, in their order. */
  number: z.number().int().positive(),
  status: z.enum(EXECUTION_STATUSES),
  startedAt: z.number().int().positive(),
  endedAt: z.number().int().positive().nullable(),
  errorCode: z.string().nullable(),
  /** The request that was made for it, as usage and bills know it; null when none was. */
  requestId: z.uuid().nullable(),
  /** Null: not known here. Then `isEstimated` says that the request's record has it, as an estimate. */
  costPicoUsd: z.string().nullable(),
  isEstimated: z.boolean(),
  /** False: it only waited for room and counts for none of the attempts. The next one takes its number. */
  isCounted: z.boolean(),
});
export type TaskExecution = z.infer<typeof taskExecution>;

/** What a task's machine decides by: everything that changes in a task's life. */
export interface TaskState {
  readonly status: TaskStatus;
  /** Grows with every change that others are told of. */
  readonly revision: number;
  /** Higher goes first. */
  readonly priority: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Not to begin before. */
  readonly runAfter: number;
  /** Not to begin, nor to run, from then on. */
  readonly deadlineAt: number;
  readonly maxAttempts: number;
  /** So many attempts may be counted in all: grows when the task is retried by hand. */
  readonly attemptsAllowed: number;
  readonly backoff: { readonly baseMs: number; readonly capMs: number };
  readonly executions: readonly TaskExecution[];
  /** Until when whoever runs the open execution must be heard of; null: none is open. */
  readonly leaseUntil: number | null;
  readonly endedAt: number | null;
  readonly failure: TaskFailure | null;
  /** What the last retry by hand was asked for by; null where there was none, or it had no name. */
  readonly lastRetryId: string | null;
}

/** Who created a task, and so with whose rights it runs. */
export type TaskActor =
  | { readonly kind: 'api_key'; readonly apiKeyId: string; readonly address: string | null }
  | { readonly kind: 'user'; readonly userId: string };

/** What of a task never changes, but for its request. */
export interface TaskFacts {
  readonly taskId: string;
  readonly environmentId: string;
  readonly actor: TaskActor;
  /** What its creator must still be allowed when it begins. */
  readonly permission: Permission;
  readonly taskType: string;
  readonly batchId: string | null;
  readonly traceparent: string;
  readonly traceState: string | null;
  /** JSON text of the caller's metadata. */
  readonly metadata: string;
  /** JSON text of the input, or of what stands for one that is long. */
  readonly inputShown: string;
  /** Where its end is told. Absent where nobody asked for that, and in tasks of an earlier release. */
  readonly callbackUrl?: string;
  /** Its output is kept piece by piece while it is made. Absent in tasks that were accepted before there were such. */
  readonly isStreamed?: boolean;
}

/** Who changed a task by a request of their own, for the audit log. */
export const taskChanger = z.object({
  actorUserId: z.uuid().nullable(),
  actorApiKeyId: z.uuid().nullable(),
  requestId: z.uuid(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  servedAt: requestLocation.pick({ colo: true, jurisdiction: true }).exactOptional(),
});
export type TaskChanger = z.infer<typeof taskChanger>;

/** A task as it is accepted. */
export interface TaskOrder {
  readonly facts: TaskFacts;
  readonly state: TaskState;
  /** JSON text of the request for the pipeline. */
  readonly request: string;
}

/** A task as its runner has it. `result` is the JSON text of the answer; null before there is one. */
export interface TaskDetail {
  readonly facts: TaskFacts;
  readonly state: TaskState;
  readonly result: string | null;
}

/** How many tasks of a batch are in which state. */
export type TaskProgress = Readonly<Record<TaskStatus, number>>;

/** `full`: too many tasks wait in this runner already. Nothing of what was offered is kept then. */
export type AcceptReply = { readonly state: 'accepted' } | { readonly state: 'full' };

/** `unchanged`: the task's state does not allow it. */
export type TaskChangeReply =
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'changed' | 'unchanged'; readonly task: TaskDetail };

/** Where a follower of a task has got to: the last event that they have. */
export interface TaskStreamPlace {
  readonly attempt: number;
  /** From 1, over all attempts. */
  readonly position: number;
}

/** One event that followers of a task are told. `data` is JSON text. */
export interface TaskStreamEvent extends TaskStreamPlace {
  readonly event: string;
  readonly data: string;
}

/** `misplaced`: the follower's place is none of this task's. `isOver`: the last of these is the last that there is. */
export type TaskStreamReply =
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'misplaced' }
  | { readonly outcome: 'told'; readonly events: readonly TaskStreamEvent[]; readonly isOver: boolean };

/** What a TaskRunner offers. Failures of the platform throw; refusals are data. */
export interface TaskRunnerRpc {
  /** Keeps tasks, all or none. They are durable when this answers; those that it has already are left as they are. */
  accept(orders: readonly TaskOrder[]): Promise<AcceptReply>;
  /** Begins what is due, as far as there is room. Answers at once, and may be called any number of times. */
  run(): Promise<void>;
  /** A task as it is; with `waitMs`, as it is when it has ended, or after that time. Null: there is none of that id. */
  get(taskId: string, waitMs?: number): Promise<TaskDetail | null>;
  /**
   * What followers are told of a task behind a place, null: from its beginning. Some of it where it is much. Where there is
   * nothing yet it waits so long for more. All of it is durable: what was told is never taken back.
   */
  follow(taskId: string, after: TaskStreamPlace | null, waitMs: number): Promise<TaskStreamReply>;
  /** What a change is `by` is told to the audit log, once and with the change; without it nobody's request made it. */
  cancel(taskId: string, by?: TaskChanger): Promise<TaskChangeReply>;
  /** Tries a task again that has failed or was canceled. Asked by the same `retryId` again, it changes nothing. */
  retry(taskId: string, retryId?: string | null, by?: TaskChanger): Promise<TaskChangeReply>;
  /** Cancels what of a batch has not ended. */
  cancelBatch(batchId: string): Promise<void>;
  progress(batchId: string): Promise<TaskProgress>;
  /** Ends what runs and forgets everything, events that were not handed on included. Safe to be called again. */
  erase(): Promise<void>;
}
