import type { TaskStreamEvent, TaskStreamPlace, TaskStreamReply } from '../../shared/contracts/tasks.ts';
import { attemptOf, isOver, streamEventsOf, type UnplacedEvent } from '../../shared/domain/tasks/stream-events.ts';
import { MOST_WAIT_MS } from './constants.ts';
import { StreamStore } from './stream-store.ts';
import type { StoredTask, TaskStore } from './task-store.ts';
import { TaskWaiters } from './task-waiters.ts';

type State = StoredTask['state'];

/**
 * What followers of tasks are told. It is in storage before anybody is told it, and is never taken back. A task whose output
 * is streamed has a stream from its beginning on; one of another task begins when somebody first follows it, with the task
 * as it is then, so that tasks that nobody follows have none.
 */
export class TaskStreams {
  readonly #storage: DurableObjectStorage;
  readonly #tasks: TaskStore;
  readonly #store: StreamStore;
  readonly #followers = new TaskWaiters();

  constructor(storage: DurableObjectStorage, tasks: TaskStore) {
    this.#storage = storage;
    this.#tasks = tasks;
    this.#store = new StreamStore(storage.sql);
  }

  /** Begins a task's stream, if it has none. To be called in a transaction. */
  begin(taskId: string, state: State): void {
    if (!this.#store.lastPlace(taskId)) this.#note(taskId, null, state, false);
  }

  /** Notes a change of a task that has a stream. To be called in the transaction of the change. */
  change(taskId: string, before: State, after: State, hasPieces: boolean): void {
    if (this.#store.lastPlace(taskId)) this.#note(taskId, before, after, hasPieces);
  }

  /** Writes pieces of an attempt's output down. */
  write(taskId: string, attempt: number, pieces: readonly UnplacedEvent[]): void {
    this.#store.append(taskId, attempt, pieces);
    this.#followers.tell(taskId);
  }

  /** Wakes those who follow a task: there is more, or it is gone. */
  tell(taskId: string): void {
    this.#followers.tell(taskId);
  }

  /** What is told behind a place; waits for it where there is nothing yet. Null: there is no such task. */
  async follow(taskId: string, after: TaskStreamPlace | null, waitMs: number): Promise<TaskStreamReply> {
    const task = this.#tasks.read(taskId);
    if (!task) return { outcome: 'absent' };
    this.#storage.transactionSync(() => this.begin(taskId, task.state));
    if (after && !this.#store.hasPlace(taskId, after)) return { outcome: 'misplaced' };
    const position = after?.position ?? 0;
    if (waitMs > 0 && !isOver(task.state) && this.#store.lastPlace(taskId)?.position === position) {
      await this.#followers.wait(taskId, Math.min(waitMs, MOST_WAIT_MS));
    }
    const told = this.#read(taskId, position);
    await this.#storage.sync();
    return told;
  }

  #read(taskId: string, position: number): TaskStreamReply {
    const task = this.#tasks.read(taskId);
    const last = this.#store.lastPlace(taskId);
    if (!task || !last) return { outcome: 'absent' };
    const events = this.#store
      .readAfter(taskId, position)
      .map((event) => this.#complete(taskId, event, event.position === last.position));
    const isLast = (events.at(-1)?.position ?? position) === last.position;
    return { outcome: 'told', events, isOver: isLast && isOver(task.state) };
  }

  /** An end that was left by a retry was none; an output is what is kept as the task's result. */
  #complete(taskId: string, told: TaskStreamEvent, isLast: boolean): TaskStreamEvent {
    if (told.event === 'task.ended' && !isLast) return { ...told, event: 'task.status' };
    if (told.event !== 'output') return told;
    const result = this.#tasks.readDetail(taskId)?.result ?? null;
    const { output }: { output: unknown } = result === null ? { output: null } : JSON.parse(result);
    return { ...told, data: JSON.stringify({ output }) };
  }

  #note(taskId: string, before: State | null, after: State, hasPieces: boolean): void {
    const attempt = this.#store.lastPlace(taskId)?.attempt ?? 0;
    const events = streamEventsOf(before, after, { attempt, hasPieces });
    this.#store.append(taskId, Math.max(attempt, attemptOf(after)), events);
  }
}
