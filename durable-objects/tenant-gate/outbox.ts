import { type LedgerBatch, type RequestRecorded, requestRecorded } from '../../shared/contracts/queues.ts';
import {
  OUTBOX_DELAY_MS,
  OUTBOX_DRAIN_BYTES,
  OUTBOX_DRAIN_ROWS,
  OUTBOX_MESSAGE_BYTES,
  RESEND_AFTER_MAX_MS,
  RESEND_AFTER_MS,
} from './constants.ts';

type OutboxRow = { sequence: number; event: string; traceparent: string; attempts: number; bytes: number };

/**
 * Events that Postgres must come to have. A row is written in the transaction of what it tells, is sent until the
 * ledger confirms it, and leaves only then: the queue between is transport, not the record.
 */
export class Outbox {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Answers when the row is due. */
  append(event: RequestRecorded, traceparent: string, now: number): number {
    const due = now + OUTBOX_DELAY_MS;
    this.#sql.exec(
      'INSERT INTO outbox (event, traceparent, due_at) VALUES (?, ?, ?)',
      JSON.stringify(event),
      traceparent,
      due,
    );
    return due;
  }

  /** Takes rows that are due, in order, as messages to send, and puts off their next sending. */
  takeDue(tenantId: string, now: number): LedgerBatch[] {
    const rows = this.#sql
      .exec<OutboxRow>(
        `SELECT sequence, event, traceparent, attempts, length(CAST(event AS BLOB)) AS bytes
         FROM outbox WHERE due_at <= ? ORDER BY sequence LIMIT ?`,
        now,
        OUTBOX_DRAIN_ROWS,
      )
      .toArray();
    const messages = pack(rows);
    for (const { sequence, attempts } of messages.flat()) {
      const pause = Math.min(RESEND_AFTER_MS * 2 ** attempts, RESEND_AFTER_MAX_MS);
      this.#sql.exec('UPDATE outbox SET due_at = ?, attempts = attempts + 1 WHERE sequence = ?', now + pause, sequence);
    }
    return messages.map((message) => toBatch(tenantId, message));
  }

  confirm(sequences: readonly number[]): void {
    for (const sequence of sequences) this.#sql.exec('DELETE FROM outbox WHERE sequence = ?', sequence);
  }

  /** When the next row is due, or null when all are confirmed. */
  nextDue(): number | null {
    return this.#sql.exec<{ next: number | null }>('SELECT min(due_at) AS next FROM outbox').one().next;
  }
}

/** Groups rows into messages, as many as one sending takes; what does not fit is left out, and due again at once. */
function pack(rows: readonly OutboxRow[]): OutboxRow[][] {
  const messages: OutboxRow[][] = [];
  let messageBytes = 0;
  let drainBytes = 0;
  for (const row of rows) {
    drainBytes += row.bytes;
    if (drainBytes > OUTBOX_DRAIN_BYTES && messages.length > 0) break;
    const open = messages.at(-1);
    if (open && messageBytes + row.bytes <= OUTBOX_MESSAGE_BYTES) {
      open.push(row);
      messageBytes += row.bytes;
    } else {
      messages.push([row]);
      messageBytes = row.bytes;
    }
  }
  return messages;
}

function toBatch(tenantId: string, rows: readonly OutboxRow[]): LedgerBatch {
  return {
    type: 'ledger.batch',
    v: 1,
    tenantId,
    traceparent: rows[0]?.traceparent,
    events: rows.map((row) => ({ sequence: row.sequence, event: requestRecorded.parse(JSON.parse(row.event)) })),
  };
}
