import { DurableObject } from 'cloudflare:workers';
import { TASK_RUNNER_MIGRATIONS } from '../../migrations/durable-objects/task-runner.ts';
import type {
  AcceptReply,
  TaskChangeReply,
  TaskChanger,
  TaskDetail,
  TaskFacts,
  TaskOrder,
  TaskProgress,
  TaskRunnerRpc,
  TaskState,
  TaskStreamPlace,
  TaskStreamReply,
} from '../../shared/contracts/tasks.ts';
import {
  type AttemptBill,
  type AttemptOutcome,
  decide,
  hasEnded,
  openOf,
  type TaskCommand,
} from '../../shared/domain/tasks/decide.ts';
import type { UnplacedEvent } from '../../shared/domain/tasks/stream-events.ts';
import { toTaskChanged, toTaskRecorded } from '../../shared/domain/tasks/task-event.ts';
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
import { PieceBuffer } from './piece-buffer.ts';
import { type StoredTask, TaskStore } from './task-store.ts';
import { TaskStreams } from './task-streams.ts';
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
  /** Takes a piece of the output, about so many characters, for those who follow the task. Throws when it cannot be kept. */
  tell(piece: UnplacedEvent, length: number): void;
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

/** What a request from outside can ask for. */
type RequestedChange = Extract<TaskCommand, { kind: 'cancel' | 'retry' }>;

/** A call that this object makes now. */
interface RunningCall {
  readonly attempt: number;
  readonly controller: AbortController;
  readonly pieces: PieceBuffer;
  /** Of its output something was kept for followers. */
  hasPieces: boolean;
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
  readonly #streams: TaskStreams;
  readonly #calls = new Map<string, RunningCall>();
  readonly #waiters = new TaskWaiters();
  #alarmAt: number | null = null;
  #outboxNotBefore = 0;
  #isKnown: boolean;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#store = new TaskStore(context.storage.sql);
    this.#streams = new TaskStreams(context.storage, this.#store);
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
      for (const order of orders) {
        if (!this.#store.insert(order, now)) continue;
        this.#tell(order);
        if (order.facts.isStreamed) this.#streams.begin(order.facts.taskId, order.state);
      }
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

  async follow(taskId: string, after: TaskStreamPlace | null, waitMs: number): Promise<TaskStreamReply> {
    return this.#isKnown ? await this.#streams.follow(taskId, after, waitMs) : { outcome: 'absent' };
  }

  async cancel(taskId: string, by?: TaskChanger): Promise<TaskChangeReply> {
    return this.#changeOnRequest(taskId, { kind: 'cancel' }, by);
  }

  async retry(taskId: string, retryId: string | null = null, by?: TaskChanger): Promise<TaskChangeReply> {
    return this.#changeOnRequest(taskId, { kind: 'retry', retryId }, by);
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
    for (const taskId of this.#calls.keys()) this.#streams.tell(taskId);
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

  #changeOnRequest(taskId: string, command: RequestedChange, by: TaskChanger | undefined): TaskChangeReply {
    const before = this.#isKnown ? this.#store.read(taskId) : null;
    if (!before) return { outcome: 'absent' };
    const isChanged = this.#apply(taskId, command, null, (state) => {
      if (!by) return;
      const change = { taskId, action: command.kind === 'cancel' ? 'task.canceled' : 'task.retried' } as const;
      const event = toTaskChanged(crypto.randomUUID(), by, change, { before: before.state, after: state });
      this.#store.appendEvent(JSON.stringify(event));
    });
    this.#arm();
    const task = this.#store.readDetail(taskId);
    return task ? { outcome: isChanged ? 'changed' : 'unchanged', task } : { outcome: 'absent' };
  }

  /** Runs a command in one transaction with all that follows from it, `also` included. True when it changed the task. */
  #apply(
    taskId: string,
    command: TaskCommand,
    result: string | null = null,
    also: (state: TaskState) => void = () => {},
  ): boolean {
    const task = this.#isKnown ? this.#store.read(taskId) : null;
    if (!task) return false;
    const { state, effects } = decide(task.state, command, Date.now());
    if (state === task.state) return false;
    const running = this.#calls.get(taskId);
    if (command.kind !== 'heartbeat') running?.pieces.flush(); // they come before what becomes of the task
    this.ctx.storage.transactionSync(() => {
      this.#store.update(taskId, state);
      this.#streams.change(taskId, task.state, state, running?.hasPieces === true);
      if (state.revision !== task.state.revision) this.#tell({ facts: task.facts, state });
      if (result !== null && effects.some(({ kind }) => kind === 'keepResult')) this.#store.writeResult(taskId, result);
      also(state);
    });
    for (const effect of effects) {
      if (effect.kind === 'call') this.#begin({ facts: task.facts, state }, effect.attempt);
      if (effect.kind === 'abort') this.#abort(taskId);
    }
    if (hasEnded(state)) this.#waiters.tell(taskId);
    if (state.revision !== task.state.revision) this.#streams.tell(taskId);
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
    const { taskId } = facts;
    const controller = new AbortController();
    const pieces = new PieceBuffer(
      (taken) => this.#keepPieces(taskId, running, taken),
      (error) => {
        this.ports().logger.error('task.pieces_not_kept', { taskId, attempt, error });
        controller.abort(new DOMException('its output cannot be kept', 'AbortError'));
      },
    );
    const running: RunningCall = { attempt, controller, pieces, hasPieces: false };
    this.#calls.set(taskId, running);
    const request = this.#store.readRequest(taskId);
    const tell: TaskCall['tell'] = (piece, length) => pieces.take(piece, length);
    void this.#finish({ facts, attempt, priority: state.priority, request, signal: controller.signal, tell });
  }

  /** Keeps pieces of an attempt's output while it is the one that is being made: what comes later is nobody's. */
  #keepPieces(taskId: string, running: RunningCall, pieces: readonly UnplacedEvent[]): void {
    const task = this.#isKnown && this.#calls.get(taskId) === running ? this.#store.read(taskId) : null;
    if (!task || hasEnded(task.state) || openOf(task.state)?.number !== running.attempt) return;
    running.hasPieces = true;
    this.ctx.storage.transactionSync(() => {
      this.#streams.begin(taskId, task.state);
      this.#streams.write(taskId, running.attempt, pieces);
    });
  }

  /** Makes a call and takes its end into the task. Does not reject: what cannot be written is found out by its lease. */
  async #finish(call: TaskCall): Promise<void> {
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
