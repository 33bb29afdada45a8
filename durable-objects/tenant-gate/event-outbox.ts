import type { EventBatch } from '../../shared/contracts/events.ts';
import { EVENT_CALL_LENGTH, EVENT_ROW_LENGTH } from './constants.ts';

type Row = { id: number; first: number; count: number; told: string };
type LastRow = { id: number; first: number; count: number; length: number };

/**
 * What the tenant's hub must come to have: texts of `Told`, numbered without a gap. They are written in the transaction of
 * what they tell of, and leave when the hub has them. The last row stays, emptied: so that numbers go on. A row that is
 * under way is not written to, so it is sent again as it was, or with more behind it after the object has begun anew.
 */
export class EventOutbox {
  readonly #sql: SqlStorage;
  #hasMore: boolean | null = null;
  #underWay: number | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** If there may be something to send. */
  get hasMore(): boolean {
    this.#hasMore ??= this.#sql.exec('SELECT 1 FROM event_outbox WHERE count > 0 LIMIT 1').toArray().length > 0;
    return this.#hasMore;
  }

  append(told: string): void {
    const last = this.#last();
    this.#hasMore = true;
    if (last && last.id !== this.#underWay && last.length + told.length <= EVENT_ROW_LENGTH) {
      this.#sql.exec(
        "UPDATE event_outbox SET count = count + 1, told = iif(count = 0, ?1, told || ',' || ?1) WHERE id = ?2",
        ...[told, last.id],
      );
      return;
    }
    const first = last ? last.first + last.count : 1;
    this.#sql.exec('INSERT INTO event_outbox (first, count, told) VALUES (?, 1, ?)', first, told);
  }

  /** The oldest, as many as one call may carry; null when all are sent. They are under way until `drop` or `keep`. */
  take(sender: number): EventBatch | null {
    const rows: Row[] = [];
    let length = 0;
    for (const row of this.#sql.exec<Row>('SELECT * FROM event_outbox WHERE count > 0 ORDER BY id')) {
      length += row.told.length;
      if (rows.length > 0 && length > EVENT_CALL_LENGTH) break;
      rows.push(row);
    }
    const [first] = rows;
    if (!first) {
      this.#hasMore = false;
      return null;
    }
    this.#underWay = rows.at(-1)?.id ?? null;
    return { sender, first: first.first, told: `[${rows.map(({ told }) => told).join(',')}]` };
  }

  /** What is under way has arrived. */
  drop(): void {
    const through = this.#underWay;
    this.#underWay = null;
    if (through === null) return;
    const isLast = this.#last()?.id === through;
    const drop = isLast ? 'DELETE FROM event_outbox WHERE id < ?' : 'DELETE FROM event_outbox WHERE id <= ?';
    this.#sql.exec(drop, through);
    if (isLast)
      this.#sql.exec("UPDATE event_outbox SET first = first + count, count = 0, told = '' WHERE id = ?", through);
    this.#hasMore = null;
  }

  /** What is under way has not arrived, as far as is known. */
  keep(): void {
    this.#underWay = null;
  }

  /** Forgets what was not sent. Numbers go on. */
  clear(): void {
    this.#underWay = this.#last()?.id ?? null;
    this.drop();
  }

  #last(): LastRow | null {
    const query = 'SELECT id, first, count, length(told) AS length FROM event_outbox ORDER BY id DESC LIMIT 1';
    return this.#sql.exec<LastRow>(query).toArray()[0] ?? null;
  }
}
