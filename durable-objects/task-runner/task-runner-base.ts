import { DurableObject } from 'cloudflare:workers';
import { TASK_RUNNER_MIGRATIONS } from '../../migrations/durable-objects/task-runner.ts';
import type {
  AcceptReply,
  TaskChangeReply,
  TaskDetail,
  TaskFacts,
  TaskOrder,
  TaskProgress,
  TaskRunnerRpc,
} from '../../shared/contracts/tasks.ts';
import {
  type AttemptBill,
  type AttemptOutcome,
  decide,
  hasEnded,
  type TaskCommand,
} from '../../shared/domain/tasks/decide.ts';
import { toTaskRecorded } from '../../shared/domain/tasks/task-event.ts';
import type { Logger } from '../../shared/platform/logger.ts';
import { migrate, schemaVersion } from '../runtime/migrate.ts';
import {
  HEARTBEAT_MS,
  HINTED_TASKS,
  MOST_CALLS,
  MOST_UNFINISHED,
  MOST_WAIT_MS,
  OUTBOX_DELAY_MS,
  OUTBOX_RETRY_MS,
} from './constants.ts';
import { type StoredTask, TaskStore } from './task-store.ts';
import { TaskWaiters } from './task-waiters.ts';

/** One attempt at a task, as it is to be made. */
export interface TaskCall {
  readonly facts: TaskFacts;
  readonly attempt: number;
  readonly priority: number;
  /** JSON text of the request. */
  readonly request: string;
  /** Aborted when the call is to end. */
  readonly signal: AbortSignal;
}

/** How a call ended; `result` is the JSON text of the answer, null where there is none. */
export interface TaskCallReport {
  readonly outcome: AttemptOutcome;
  readonly bill: AttemptBill;
  readonly result: string | null;
}

/** What a runner has outside. */
export interface TaskRunnerPorts {
  readonly logger: Logger;
  /** Makes one attempt: authorises it, holds, calls the provider and settles. Rejects only on a fault of ours. */
  call(call: TaskCall): Promise<TaskCallReport>;
  /** Asks for `run` to be called soon. May be lost: what nobody began is hinted at again. */
  hint(taskIds: readonly string[]): Promise<void>;
  /** Hands events, each with its number, to TenantGate, which keeps them until Postgres has them. May be done twice. */
  record(events: readonly string[], sequences: readonly number[]): Promise<void>;
}

const UNKNOWN_BILL: AttemptBill = { requestId: null, costPicoUsd: null, isEstimated: true };

/**
 * One shard of a tenant's tasks: their state, attempts, leases and results. A shell of storage and alarm over
 * `shared/domain/tasks`; what calls providers comes from the script that hosts the class. It makes many calls at once, and
 * nobody waits for them: their leases are renewed by the alarm, which also keeps the object in memory while they run.
 *
 * A change of a task, the event that tells of it, and the result that ended it are one transaction. What dies with the
 * object is its calls: their leases end, and the tasks go on from there.
 *
 * An object that never accepted a task has no tables: asking after a made-up id stores nothing.
 */
export abstract class TaskRunnerBase<Env> extends DurableObject<Env> implements TaskRunnerRpc {
  readonly #store: TaskStore;
  readonly #calls = new Map<string, { readonly attempt: number; readonly controller: AbortController }>();
  readonly #waiters = new TaskWaiters();
  #alarmAt: number | null = null;
  #outboxNotBefore = 0;
  #isKnown: boolean;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#store = new TaskStore(context.storage.sql);
    this.#isKnown = schemaVersion(context.storage.sql) > 0;
    void context.blockConcurrencyWhile(async () => {
      if (!this.#isKnown) return;
      migrate(context.storage, TASK_RUNNER_MIGRATIONS);
      this.#alarmAt = await context.storage.getAlarm();
      this.#arm();
    });
  }

  protected abstract ports(): TaskRunnerPorts;

  async accept(orders: readonly TaskOrder[]): Promise<AcceptReply> {
    this.#makeKnown();
    if (this.#store.unfinished() + orders.length > MOST_UNFINISHED) return { state: 'full' };
    const now = Date.now();
    this.ctx.storage.transactionSync(() => {
      for (const order of orders) if (this.#store.insert(order, now)) this.#tell(order);
    });
    this.#arm();
    const due = orders.filter(({ state }) => state.runAfter <= now).map(({ facts }) => facts.taskId);
    void this.#hint(due);
    return { state: 'accepted' };
  }

  async run(): Promise<void> {
    if (!this.#isKnown) return;
    this.#beginDue();
    this.#arm();
  }

  async get(taskId: string, waitMs = 0): Promise<TaskDetail | null> {
    const task = this.#isKnown ? this.#store.readDetail(taskId) : null;
    if (!task || waitMs === 0 || hasEnded(task.state)) return task;
    await this.#waiters.wait(taskId, Math.min(waitMs, MOST_WAIT_MS));
    return this.#store.readDetail(taskId);
  }

  async cancel(taskId: string): Promise<TaskChangeReply> {
    return this.#changeOnRequest(taskId, { kind: 'cancel' });
  }

  async retry(taskId: string, retryId: string | null = null): Promise<TaskChangeReply> {
    return this.#changeOnRequest(taskId, { kind: 'retry', retryId });
  }

  async cancelBatch(batchId: string): Promise<void> {
    if (!this.#isKnown) return;
    for (const taskId of this.#store.idsOfBatch(batchId)) this.#apply(taskId, { kind: 'cancel' });
    this.#arm();
  }

  async progress(batchId: string): Promise<TaskProgress> {
    if (!this.#isKnown) return { queued: 0, running: 0, succeeded: 0, failed: 0, canceled: 0 };
    return this.#store.progress(batchId);
  }

  async erase(): Promise<void> {
    this.#isKnown = false;
    for (const taskId of this.#calls.keys()) this.#abort(taskId);
    this.#alarmAt = null;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null;
    if (!this.#isKnown) return;
    try {
      for (const [taskId, { attempt }] of this.#calls) this.#apply(taskId, { kind: 'heartbeat', attempt });
      await this.#lookAtDue();
      await this.#handOnEvents();
    } finally {
      this.#arm();
    }
  }

  #makeKnown(): void {
    if (this.#isKnown) return;
    migrate(this.ctx.storage, TASK_RUNNER_MIGRATIONS);
    this.#isKnown = true;
  }

  #changeOnRequest(taskId: string, command: TaskCommand): TaskChangeReply {
    const before = this.#isKnown ? this.#store.read(taskId) : null;
    if (!before) return { outcome: 'absent' };
    const isChanged = this.#apply(taskId, command);
    this.#arm();
    const task = this.#store.readDetail(taskId);
    return task ? { outcome: isChanged ? 'changed' : 'unchanged', task } : { outcome: 'absent' };
  }

  /** Runs a command in one transaction with all that follows from it. True when it changed the task. */
  #apply(taskId: string, command: TaskCommand, result: string | null = null): boolean {
    const task = this.#isKnown ? this.#store.read(taskId) : null;
    if (!task) return false;
    const { state, effects } = decide(task.state, command, Date.now());
    if (state === task.state) return false;
    this.ctx.storage.transactionSync(() => {
      this.#store.update(taskId, state);
      if (state.revision !== task.state.revision) this.#tell({ facts: task.facts, state });
      if (result !== null && effects.some(({ kind }) => kind === 'keepResult')) this.#store.writeResult(taskId, result);
    });
    for (const effect of effects) {
      if (effect.kind === 'call') this.#begin({ facts: task.facts, state }, effect.attempt);
      if (effect.kind === 'abort') this.#abort(taskId);
    }
    if (hasEnded(state)) this.#waiters.tell(taskId);
    return true;
  }

  #tell({ facts, state }: StoredTask): void {
    this.#store.appendEvent(JSON.stringify(toTaskRecorded(facts, state)));
  }

  /** Begins tasks while there is room for their calls. */
  #beginDue(): void {
    while (this.#isKnown && this.#calls.size < MOST_CALLS) {
      const next = this.#store.nextToBegin(Date.now());
      if (!next || !this.#apply(next.facts.taskId, { kind: 'claim' })) return;
    }
  }

  #begin({ facts, state }: StoredTask, attempt: number): void {
    const controller = new AbortController();
    this.#calls.set(facts.taskId, { attempt, controller });
    const request = this.#store.readRequest(facts.taskId);
    const call: TaskCall = { facts, attempt, priority: state.priority, request, signal: controller.signal };
    void this.#follow(call);
  }

  /** Makes a call and takes its end into the task. Does not reject: what cannot be written is found out by its lease. */
  async #follow(call: TaskCall): Promise<void> {
    const { facts, attempt } = call;
    const { taskId } = facts;
    const { logger } = this.ports();
    try {
      const { outcome, bill, result } = await this.ports()
        .call(call)
        .catch((error: unknown) => {
          logger.error('task.fault', { taskId, attempt, error });
          return FAULT;
        });
      this.#apply(taskId, { kind: 'end', attempt, outcome, bill, random: Math.random() }, result);
    } catch (error) {
      logger.error('task.end_not_kept', { taskId, attempt, error });
    } finally {
      if (this.#calls.get(taskId)?.attempt === attempt) this.#calls.delete(taskId);
    }
    this.#beginDue();
    this.#arm();
  }

  #abort(taskId: string): void {
    this.#calls.get(taskId)?.controller.abort(new DOMException('the task was stopped', 'AbortError'));
  }

  /** Sees to what time has brought about, and hints at what waits though there is room for it. */
  async #lookAtDue(): Promise<void> {
    const now = Date.now();
    const waiting: string[] = [];
    for (const { facts, state } of this.#store.due(now)) {
      const { taskId } = facts;
      if (this.#apply(taskId, { kind: 'tick', random: Math.random() })) continue;
      if (state.status === 'queued') {
        this.#store.noteHint(taskId, state, now);
        waiting.push(taskId);
      } else if (hasEnded(state)) this.#store.delete(taskId);
    }
    if (this.#calls.size < MOST_CALLS) await this.#hint(waiting);
  }

  /** A hint that cannot be sent must not keep work waiting: then it begins without. */
  async #hint(taskIds: readonly string[]): Promise<void> {
    if (taskIds.length === 0) return;
    try {
      await this.ports().hint(taskIds.slice(0, HINTED_TASKS));
    } catch (error) {
      this.ports().logger.warn('task.hint_failed', { error });
      this.#beginDue();
      this.#arm();
    }
  }

  async #handOnEvents(): Promise<void> {
    if (Date.now() < this.#outboxNotBefore) return;
    const rows = this.#store.readEvents();
    const last = rows.at(-1);
    if (!last) return;
    try {
      await this.ports().record(
        rows.map(({ event }) => event),
        rows.map(({ sequence }) => sequence),
      );
      this.#store.deleteEvents(last.sequence);
    } catch (error) {
      this.ports().logger.error('task.events_not_handed_on', { error });
      this.#outboxNotBefore = Date.now() + OUTBOX_RETRY_MS;
    }
  }

  /** Sets the object's single alarm to what is due first. */
  #arm(): void {
    if (!this.#isKnown) return;
    const now = Date.now();
    const heartbeat = this.#calls.size > 0 ? now + HEARTBEAT_MS : null;
    const outbox = this.#store.hasEvents() ? Math.max(now + OUTBOX_DELAY_MS, this.#outboxNotBefore) : null;
    const times = [this.#store.nextDue(), heartbeat, outbox].filter((time) => time !== null);
    if (times.length === 0) return;
    const due = Math.min(...times);
    if (this.#alarmAt !== null && this.#alarmAt <= due) return;
    this.#alarmAt = due;
    void this.ctx.storage.setAlarm(due);
  }
}

const FAULT: TaskCallReport = {
  outcome: {
    ...{ kind: 'failed', isRetryable: true, retryAfterMs: 0 },
    failure: { code: 'internal_error', detail: 'Something went wrong on our side; it was recorded.' },
  },
  bill: UNKNOWN_BILL,
  result: null,
};
