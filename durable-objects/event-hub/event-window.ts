import type { EventPage } from '../../shared/contracts/events.ts';
import { WINDOW_BYTES, WINDOW_EVENTS, WINDOW_MS, WINDOW_ROW_LENGTH, WINDOW_ROW_MS } from './constants.ts';

type Row = { first: number; last: number; events: string };
type NewestRow = { first: number; last: number; told_at: number; bytes: number };

/** JSON text has no line break: a row's events are its lines. */
const BETWEEN = '\n';

/** The events that can be read again, in their places, and what of each sender they have. Every method is synchronous. */
export class EventWindow {
  readonly #sql: SqlStorage;
  #last: number | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** The newest place; 0 before the first event. The newest row is never deleted. */
  get last(): number {
    this.#last ??= this.#sql.exec<{ last: number | null }>('SELECT max(last) AS last FROM window').one().last ?? 0;
    return this.#last;
  }

  /** When the oldest event was told; null when there is none. */
  get oldest(): number | null {
    const [row] = this.#sql.exec<{ told_at: number }>('SELECT told_at FROM window ORDER BY first LIMIT 1').toArray();
    return row?.told_at ?? null;
  }

  /** The last number of a sender that was taken; 0: none. */
  through(sender: number): number {
    const query = 'SELECT through FROM senders WHERE sender = ?';
    return this.#sql.exec<{ through: number }>(query, sender).toArray()[0]?.through ?? 0;
  }

  writeThrough(sender: number, through: number): void {
    this.#sql.exec('INSERT OR REPLACE INTO senders (sender, through) VALUES (?, ?)', sender, through);
  }

  /** Takes texts of events behind the last. */
  append(texts: readonly string[], now: number): void {
    const events = texts.join(BETWEEN);
    const [newest] = this.#sql
      .exec<NewestRow>('SELECT first, last, told_at, bytes FROM window ORDER BY first DESC LIMIT 1')
      .toArray();
    const isOpen = newest && newest.bytes + events.length <= WINDOW_ROW_LENGTH && now - newest.told_at < WINDOW_ROW_MS;
    if (isOpen) {
      this.#sql.exec(
        'UPDATE window SET last = last + ?, bytes = bytes + ?, events = events || ? WHERE first = ?',
        ...[texts.length, events.length + 1, BETWEEN + events, newest.first],
      );
    } else {
      this.#sql.exec(
        'INSERT INTO window (first, last, told_at, bytes, events) VALUES (?, ?, ?, ?, ?)',
        ...[this.last + 1, this.last + texts.length, now, events.length, events],
      );
    }
    this.#last = this.last + texts.length;
  }

  /** One row's events that come after a place: empty where there are none. */
  read(after: number): EventPage {
    const [row] = this.#sql
      .exec<Row>('SELECT first, last, events FROM window WHERE last > ? ORDER BY first LIMIT 1', after)
      .toArray();
    if (!row) return { events: [], first: this.last + 1, last: this.last };
    const events = row.events.split(BETWEEN);
    const skipped = Math.max(0, after + 1 - row.first);
    return { events: events.slice(skipped), first: row.first + skipped, last: this.last };
  }

  /** The tables are gone. */
  forget(): void {
    this.#last = null;
  }

  /** Lets what is too old leave, all but the newest events. */
  expire(now: number): void {
    this.#sql.exec(
      'DELETE FROM window WHERE told_at <= ? AND last <= ?',
      ...[now - WINDOW_MS, this.last - WINDOW_EVENTS],
    );
    let { bytes } = this.#sql.exec<{ bytes: number | null }>('SELECT sum(bytes) AS bytes FROM window').one();
    while ((bytes ?? 0) > WINDOW_BYTES) {
      const query = 'DELETE FROM window WHERE first = (SELECT min(first) FROM window) RETURNING bytes';
      bytes = (bytes ?? 0) - this.#sql.exec<{ bytes: number }>(query).one().bytes;
    }
  }

  /** The tenant's shards that have readers. */
  readShards(): number[] {
    const rows = this.#sql.exec<{ shard: number }>('SELECT shard FROM shards').toArray();
    return rows.map(({ shard }) => shard);
  }

  addShard(shard: number): void {
    this.#sql.exec('INSERT OR IGNORE INTO shards (shard) VALUES (?)', shard);
  }

  deleteShard(shard: number): void {
    this.#sql.exec('DELETE FROM shards WHERE shard = ?', shard);
  }

  /** Of a shard: everything up to this place is with it. */
  readRelayed(): number {
    return this.#sql.exec<{ through: number }>('SELECT through FROM relayed').toArray()[0]?.through ?? 0;
  }

  writeRelayed(through: number): void {
    this.#sql.exec('INSERT OR REPLACE INTO relayed (id, through) VALUES (1, ?)', through);
  }
}
