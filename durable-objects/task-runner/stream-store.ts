import type { TaskStreamEvent, TaskStreamPlace } from '../../shared/contracts/tasks.ts';
import type { UnplacedEvent } from '../../shared/domain/tasks/stream-events.ts';
import { FOLLOW_LENGTH, TEXT_PART_LENGTH } from './constants.ts';
import { partsOf } from './text-parts.ts';

type EventRow = { first: number; last: number; attempt: number; events: string };
type StoredEvents = readonly (readonly [event: string, data: object])[];

/** The table of what followers are told of tasks: each task's events in their order, many to a row. Synchronous. */
export class StreamStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The place of a task's last event; null: it has no stream. */
  lastPlace(taskId: string): TaskStreamPlace | null {
    const [row] = this.#sql
      .exec<{ position: number; attempt: number }>(
        'SELECT last AS position, attempt FROM stream_events WHERE task_id = ? ORDER BY first DESC LIMIT 1',
        taskId,
      )
      .toArray();
    return row ?? null;
  }

  /** If this is the place of an event of the task. */
  hasPlace(taskId: string, { attempt, position }: TaskStreamPlace): boolean {
    const [row] = this.#sql
      .exec<{ attempt: number; last: number }>(
        'SELECT attempt, last FROM stream_events WHERE task_id = ? AND first <= ? ORDER BY first DESC LIMIT 1',
        ...[taskId, position],
      )
      .toArray();
    return row !== undefined && row.attempt === attempt && row.last >= position;
  }

  append(taskId: string, attempt: number, events: readonly UnplacedEvent[]): void {
    if (events.length === 0) return;
    const first = (this.lastPlace(taskId)?.position ?? 0) + 1;
    const stored: StoredEvents = events.map(({ event, data }) => [event, data]);
    for (const [part, text] of partsOf(JSON.stringify(stored), TEXT_PART_LENGTH).entries()) {
      this.#sql.exec(
        'INSERT INTO stream_events (task_id, first, part, last, attempt, events) VALUES (?, ?, ?, ?, ?, ?)',
        ...[taskId, first, part, first + events.length - 1, attempt, text],
      );
    }
  }

  /** Events behind a position, as many rows of them as one answer may carry. */
  readAfter(taskId: string, position: number): TaskStreamEvent[] {
    const rows = this.#sql.exec<EventRow>(
      `SELECT first, last, attempt, events FROM stream_events
       WHERE task_id = ?1 AND first >= ifnull(
         (SELECT max(first) FROM stream_events WHERE task_id = ?1 AND first <= ?2), 0) AND last >= ?2
       ORDER BY first, part`,
      ...[taskId, position + 1],
    );
    const told: TaskStreamEvent[] = [];
    let length = 0;
    let open: EventRow | null = null;
    for (const row of rows) {
      if (open?.first === row.first) {
        open.events += row.events;
        length += row.events.length;
        continue;
      }
      if (open) told.push(...placed(open));
      if (length >= FOLLOW_LENGTH) return behind(told, position);
      open = { ...row };
      length += row.events.length;
    }
    if (open) told.push(...placed(open));
    return behind(told, position);
  }
}

function behind(events: readonly TaskStreamEvent[], position: number): TaskStreamEvent[] {
  return events.filter((event) => event.position > position);
}

/** The object wrote them itself: the type states that. */
function placed({ first, attempt, events }: EventRow): TaskStreamEvent[] {
  const stored: StoredEvents = JSON.parse(events);
  return stored.map(([event, data], at) => ({ attempt, position: first + at, event, data: JSON.stringify(data) }));
}
