import type { LedgerBatch } from '../../shared/contracts/queues.ts';
import {
  OUTBOX_DELAY_MS,
  OUTBOX_DRAIN_BYTES,
  OUTBOX_MESSAGE_BYTES,
  OUTBOX_ROW_BYTES,
  OUTBOX_SENDING_BYTES,
  RESEND_AFTER_MAX_MS,
  RESEND_AFTER_MS,
} from './constants.ts';

type OutboxRow = { sequence: number; events: string; bytes: number };

/**
 * Events that Postgres must come to have. A row holds those of one command, is written in its transaction, is sent until
 * the ledger confirms it, and leaves only then: the queue between is transport, not the record.
 */
export class Outbox {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Takes events as texts. Their characters stand for their bytes, and so a row has room for those that are longer. */
  append(events: readonly string[], now: number): void {
    let row: string[] = [];
    let length = 0;
    for (const event of events) {
      if (row.length > 0 && length + event.length > OUTBOX_ROW_BYTES) {
        this.#write(row, now);
        [row, length] = [[], 0];
      }
      row.push(event);
      length += event.length;
    }
    if (row.length > 0) this.#write(row, now);
  }

  /**
   * Takes rows that are due, in order, as messages to send, those of each sending together, and puts off their next. With
   * the first that is due go all that were not sent yet: a busy tenant's rows are one drain, not one each.
   */
  takeDue(from: Pick<LedgerBatch, 'tenantId' | 'shard'>, now: number): LedgerBatch[][] {
    if ((this.nextDue() ?? Number.POSITIVE_INFINITY) > now) return [];
    const sendings = pack(
      this.#sql.exec<OutboxRow>(
        `SELECT sequence, events, octet_length(events) AS bytes FROM outbox
         WHERE due_at <= ? AND (attempts = 0 OR due_at <= ?) ORDER BY sequence`,
        ...[now + OUTBOX_DELAY_MS, now],
      ),
    );
    const taken = JSON.stringify(sendings.flat(2).map(({ sequence }) => sequence));
    this.#sql.exec(
      `UPDATE outbox SET due_at = ? + min(? << min(attempts, 8), ?), attempts = attempts + 1
       WHERE sequence IN (SELECT value FROM json_each(?))`,
      ...[now, RESEND_AFTER_MS, RESEND_AFTER_MAX_MS, taken],
    );
    return sendings.map((messages) =>
      messages.map((rows) => ({
        ...{ type: 'ledger.batch', v: 2, ...from },
        rows: rows.map(({ sequence, events }) => ({ sequence, events })),
      })),
    );
  }

  confirm(sequences: readonly number[]): void {
    this.#sql.exec('DELETE FROM outbox WHERE sequence IN (SELECT value FROM json_each(?))', JSON.stringify(sequences));
  }

  /** When the next row is due, or null when all are confirmed. */
  nextDue(): number | null {
    return this.#sql.exec<{ next: number | null }>('SELECT min(due_at) AS next FROM outbox').one().next;
  }

  /** When the oldest unconfirmed row was written, or null when all are confirmed. */
  oldest(): number | null {
    const [row] = this.#sql
      .exec<{ appended_at: number }>('SELECT appended_at FROM outbox ORDER BY sequence LIMIT 1')
      .toArray();
    return row?.appended_at ?? null;
  }

  /** Requests in unconfirmed rows, and the sum of what each costs by its newest record. */
  unconfirmed(): { readonly count: number; readonly picoUsd: bigint } {
    const costs = new Map<string, bigint>();
    const events = this.#sql.exec<{ id: string; cost: string }>(
      `SELECT value ->> 'requestId' AS id, value ->> 'costPicoUsd' AS cost
       FROM outbox, json_each(outbox.events)
       WHERE value ->> 'type' = 'request.recorded' ORDER BY sequence, value ->> 'revision'`,
    );
    for (const { id, cost } of events) costs.set(id, BigInt(cost));
    return { count: costs.size, picoUsd: [...costs.values()].reduce((sum, cost) => sum + cost, 0n) };
  }

  #write(events: readonly string[], now: number): void {
    this.#sql.exec(
      'INSERT INTO outbox (events, due_at, appended_at) VALUES (?, ?, ?)',
      ...[`[${events.join(',')}]`, now + OUTBOX_DELAY_MS, now],
    );
  }
}

/** Groups rows into messages and messages into sendings, as many as one drain takes; the rest is due again at once. */
function pack(rows: Iterable<OutboxRow>): OutboxRow[][][] {
  const sendings: OutboxRow[][][] = [];
  let [message, sending, drain] = [0, 0, 0];
  for (const row of rows) {
    drain += row.bytes;
    sending += row.bytes;
    message += row.bytes;
    if (drain > OUTBOX_DRAIN_BYTES && sendings.length > 0) break;
    const messages = sendings.at(-1);
    const open = messages?.at(-1);
    if (!messages || sending > OUTBOX_SENDING_BYTES) {
      sendings.push([[row]]);
      [message, sending] = [row.bytes, row.bytes];
    } else if (!open || message > OUTBOX_MESSAGE_BYTES) {
      messages.push([row]);
      message = row.bytes;
    } else open.push(row);
  }
  return sendings;
}
