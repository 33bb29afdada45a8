import {
  TASK_STATUSES,
  type TaskDetail,
  type TaskFacts,
  type TaskOrder,
  type TaskProgress,
  type TaskState,
} from '../../shared/contracts/tasks.ts';
import { hasEnded, nextTick } from '../../shared/domain/tasks/decide.ts';
import { ALARM_TASKS, HINT_AGAIN_MS, OUTBOX_CALL_LENGTH, RETENTION_MS, TEXT_PART_LENGTH } from './constants.ts';
import { partsOf } from './text-parts.ts';

type TaskRow = { facts: string; state: string };
type TextKind = 'request' | 'result';

/** A task without the texts of what was asked and answered. */
export interface StoredTask {
  readonly facts: TaskFacts;
  readonly state: TaskState;
}

/** TaskRunner's tables. Every method is synchronous; decides nothing but when to look at a task again. */
export class TaskStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** False when it was there already: then it is left as it is. */
  insert({ facts, state, request }: TaskOrder, now: number): boolean {
    if (this.read(facts.taskId)) return false;
    const hintedAt = state.runAfter <= now ? now : 0; // one whose time has come is hinted at when it is accepted
    this.#sql.exec(
      `INSERT INTO tasks (task_id, facts, state, status, priority, run_after, batch_id, hinted_at, due_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[facts.taskId, JSON.stringify(facts), JSON.stringify(state), state.status, state.priority, state.runAfter],
      ...[facts.batchId, hintedAt, dueAt(state, hintedAt)],
    );
    this.#writeText(facts.taskId, 'request', request);
    return true;
  }

  read(taskId: string): StoredTask | null {
    const row = this.#sql.exec<TaskRow>('SELECT facts, state FROM tasks WHERE task_id = ?', taskId).toArray()[0];
    return row ? toTask(row) : null;
  }

  readDetail(taskId: string): TaskDetail | null {
    const task = this.read(taskId);
    return task && { ...task, result: this.#readText(taskId, 'result') };
  }

  readRequest(taskId: string): string {
    const text = this.#readText(taskId, 'request');
    if (text === null) throw new Error(`task ${taskId} has no request`);
    return text;
  }

  update(taskId: string, state: TaskState): void {
    this.#sql.exec(
      `UPDATE tasks SET state = ?1, status = ?2, run_after = ?3, due_at = ?4, hinted_at = ?5 WHERE task_id = ?6`,
      ...[JSON.stringify(state), state.status, state.runAfter, dueAt(state, 0), 0, taskId],
    );
  }

  /** Notes that a queued task was hinted at. */
  noteHint(taskId: string, state: TaskState, now: number): void {
    this.#sql.exec('UPDATE tasks SET hinted_at = ?, due_at = ? WHERE task_id = ?', now, dueAt(state, now), taskId);
  }

  writeResult(taskId: string, text: string): void {
    this.#writeText(taskId, 'result', text);
  }

  /** The task to begin next: the most urgent of those whose time has come, then the one that has waited longest. */
  nextToBegin(now: number): StoredTask | null {
    const [row] = this.#sql
      .exec<TaskRow>(
        `SELECT facts, state FROM tasks WHERE status = 'queued' AND run_after <= ?
         ORDER BY priority DESC, run_after, task_id LIMIT 1`,
        now,
      )
      .toArray();
    return row ? toTask(row) : null;
  }

  /** Tasks that are to be looked at: some of them, those that are due longest first. */
  due(now: number): StoredTask[] {
    return this.#sql
      .exec<TaskRow>('SELECT facts, state FROM tasks WHERE due_at <= ? ORDER BY due_at LIMIT ?', now, ALARM_TASKS)
      .toArray()
      .map(toTask);
  }

  nextDue(): number | null {
    return this.#sql.exec<{ next: number | null }>('SELECT min(due_at) AS next FROM tasks').one().next;
  }

  unfinished(): number {
    return this.#sql.exec<{ n: number }>("SELECT count(*) AS n FROM tasks WHERE status IN ('queued', 'running')").one()
      .n;
  }

  idsOfBatch(batchId: string): string[] {
    const rows = this.#sql.exec<{ task_id: string }>('SELECT task_id FROM tasks WHERE batch_id = ?', batchId).toArray();
    return rows.map(({ task_id: taskId }) => taskId);
  }

  progress(batchId: string): TaskProgress {
    const counts = this.#sql
      .exec<{ status: string; n: number }>(
        'SELECT status, count(*) AS n FROM tasks WHERE batch_id = ? GROUP BY status',
        batchId,
      )
      .toArray();
    const countOf = (status: string) => counts.find((row) => row.status === status)?.n ?? 0;
    return Object.fromEntries(TASK_STATUSES.map((status) => [status, countOf(status)])) as TaskProgress; // every key is there
  }

  delete(taskId: string): void {
    this.#sql.exec('DELETE FROM tasks WHERE task_id = ?', taskId);
    this.#sql.exec('DELETE FROM texts WHERE task_id = ?', taskId);
    this.#sql.exec('DELETE FROM stream_events WHERE task_id = ?', taskId);
  }

  appendEvent(event: string): void {
    this.#sql.exec('INSERT INTO outbox (event) VALUES (?)', event);
  }

  hasEvents(): boolean {
    return this.#sql.exec('SELECT 1 FROM outbox LIMIT 1').toArray().length > 0;
  }

  /** The oldest events, as many as one call may carry. */
  readEvents(): { readonly sequence: number; readonly event: string }[] {
    const taken: { sequence: number; event: string }[] = [];
    let length = 0;
    for (const row of this.#sql.exec<{ sequence: number; event: string }>('SELECT * FROM outbox ORDER BY sequence')) {
      length += row.event.length;
      if (taken.length > 0 && length > OUTBOX_CALL_LENGTH) break;
      taken.push(row);
    }
    return taken;
  }

  /** Events up to this one have been handed on. */
  deleteEvents(through: number): void {
    this.#sql.exec('DELETE FROM outbox WHERE sequence <= ?', through);
  }

  #writeText(taskId: string, kind: TextKind, text: string): void {
    this.#sql.exec('DELETE FROM texts WHERE task_id = ? AND kind = ?', taskId, kind);
    for (const [part, piece] of partsOf(text, TEXT_PART_LENGTH).entries()) {
      this.#sql.exec('INSERT INTO texts VALUES (?, ?, ?, ?)', taskId, kind, part, piece);
    }
  }

  #readText(taskId: string, kind: TextKind): string | null {
    const parts = this.#sql
      .exec<{ text: string }>('SELECT text FROM texts WHERE task_id = ? AND kind = ? ORDER BY part', taskId, kind)
      .toArray();
    return parts.length > 0 ? parts.map(({ text }) => text).join('') : null;
  }
}

/** When a task is to be looked at next: to begin, because it waits in vain, because time is over, or to be deleted. */
function dueAt(state: TaskState, hintedAt: number): number {
  if (state.status === 'queued') return Math.min(state.deadlineAt, Math.max(state.runAfter, hintedAt + HINT_AGAIN_MS));
  if (!hasEnded(state)) return nextTick(state) ?? state.deadlineAt;
  return nextTick(state) ?? (state.endedAt ?? state.updatedAt) + RETENTION_MS;
}

/** The object wrote these texts itself: the types state that. */
function toTask({ facts, state }: TaskRow): StoredTask {
  return { facts: JSON.parse(facts), state: JSON.parse(state) };
}
