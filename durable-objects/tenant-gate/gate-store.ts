import type { Told } from '../../shared/contracts/events.ts';
import type { HoldCommand } from '../../shared/contracts/rpc.ts';
import { type TenantSnapshot, tenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import type { AllotmentState } from '../../shared/domain/admission/allotments.ts';
import type { BookState, BookStore } from '../../shared/domain/admission/book-store.ts';
import { type Counter, counterKey } from '../../shared/domain/admission/counter.ts';
import type { Lease, LeaseAmount } from '../../shared/domain/admission/lease.ts';
import { exactParse, exactText } from '../runtime/exact-json.ts';
import { EVENT_ROW_LENGTH } from './constants.ts';
import type { EventOutbox } from './event-outbox.ts';
import type { Outbox } from './outbox.ts';

/**
 * TenantGate's tables for configuration, counters, leases and holds. Every method is synchronous; decides nothing. What
 * begins and ends is told to the hub as well, in the same transaction.
 */
export class GateStore implements BookStore {
  readonly #sql: SqlStorage;
  readonly #outbox: Outbox;
  readonly #events: EventOutbox;
  #snapshot: TenantSnapshot | null = null;
  /** Requests that the present command ends, whose beginning was told with their hold. */
  #begun: readonly string[] = [];

  constructor(sql: SqlStorage, outbox: Outbox, events: EventOutbox) {
    this.#sql = sql;
    this.#outbox = outbox;
    this.#events = events;
  }

  readSnapshot(): TenantSnapshot | null {
    if (this.#snapshot) return this.#snapshot;
    const row = this.#sql.exec<{ snapshot: string }>('SELECT snapshot FROM configuration').toArray()[0];
    this.#snapshot = row ? tenantSnapshot.parse(JSON.parse(row.snapshot)) : null;
    return this.#snapshot;
  }

  writeSnapshot(snapshot: TenantSnapshot): void {
    this.#sql.exec(
      `INSERT INTO configuration (id, version, snapshot) VALUES (1, ?, ?)
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, snapshot = excluded.snapshot`,
      snapshot.configVersion,
      JSON.stringify(snapshot),
    );
    this.#snapshot = snapshot;
    const told: Told = { kind: 'configured', configVersion: snapshot.configVersion };
    this.#events.append(JSON.stringify(told));
  }

  /** Everything that the book had. */
  readBook(): BookState {
    const counters = this.#sql.exec<CounterRow>('SELECT * FROM limit_counters').toArray().map(toCounter);
    const leases = this.#sql.exec<{ lease: string }>('SELECT lease FROM leases').toArray();
    return { counters, leases: leases.map(({ lease }) => toLease(lease)) };
  }

  readAllotments(): AllotmentState | null {
    const row = this.#sql.exec<{ state: string }>('SELECT state FROM shard').toArray()[0];
    return row ? (exactParse(row.state) as AllotmentState) : null;
  }

  writeAllotments(state: AllotmentState): void {
    this.#sql.exec('INSERT OR REPLACE INTO shard (id, state) VALUES (1, ?)', exactText(state));
  }

  /** The most objects that the tenant was ever spread over. */
  readMostShards(): number {
    return this.#sql.exec<{ most: number }>('SELECT most FROM shards_used').one().most;
  }

  writeMostShards(shards: number): void {
    this.#sql.exec('UPDATE shards_used SET most = max(most, ?)', shards);
  }

  putCounter({ limitId, start, ...counter }: Counter): void {
    this.#sql.exec('INSERT OR REPLACE INTO limit_counters VALUES (?, ?, ?)', limitId, start, exactText(counter));
  }

  deleteCounter(limitId: string, start: number): void {
    this.#sql.exec('DELETE FROM limit_counters WHERE limit_id = ? AND start = ?', limitId, start);
  }

  putLease({ amounts, ...lease }: Lease): void {
    const text = exactText({ ...lease, amounts: [...amounts.values()] });
    this.#sql.exec('INSERT OR REPLACE INTO leases VALUES (?, ?)', lease.leaseId, text);
  }

  deleteLease(leaseId: string): void {
    this.#sql.exec('DELETE FROM leases WHERE lease_id = ?', leaseId);
  }

  putHolds(leaseId: string, holds: readonly (readonly [requestId: string, text: string])[]): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO holds (request_id, lease_id, hold)
       SELECT value ->> 0, ?, value ->> 1 FROM json_each(?)`,
      ...[leaseId, JSON.stringify(holds)],
    );
    if (holds.length > 0)
      this.#events.append(`{"kind":"started","holds":[${holds.map(([, text]) => text).join(',')}]}`);
  }

  deleteHolds(requestIds: readonly string[]): void {
    this.#begun = requestIds;
    this.#sql.exec(
      'DELETE FROM holds WHERE request_id IN (SELECT value FROM json_each(?))',
      JSON.stringify(requestIds),
    );
  }

  deleteHoldsOf(leaseId: string): void {
    this.#sql.exec('DELETE FROM holds WHERE lease_id = ?', leaseId);
  }

  readHold(requestId: string): string | null {
    return (
      this.#sql.exec<{ hold: string }>('SELECT hold FROM holds WHERE request_id = ?', requestId).toArray()[0]?.hold ??
      null
    );
  }

  holdsOf(leaseId: string): string[] {
    const rows = this.#sql
      .exec<{ id: string; hold: string }>('SELECT request_id AS id, hold FROM holds WHERE lease_id = ?', leaseId)
      .toArray();
    this.#begun = rows.map(({ id }) => id);
    return rows.map(({ hold }) => hold);
  }

  noteGivenUp(hold: HoldCommand, at: number): void {
    this.#events.append(JSON.stringify({ kind: 'given_up', hold, at } satisfies Told));
  }

  append(events: readonly string[], now: number): void {
    this.#outbox.append(events, now);
    this.tell(events, this.#begun);
    this.#begun = [];
  }

  /** Tells the hub what goes to the ledger: texts of `LedgerEvent`, a row's worth together. */
  tell(events: readonly string[], begun: readonly string[] = []): void {
    let [from, length] = [0, 0];
    for (const [at, event] of events.entries()) {
      if (at > from && length + event.length > EVENT_ROW_LENGTH) {
        this.#tellRecorded(events.slice(from, at), begun);
        [from, length] = [at, 0];
      }
      length += event.length;
    }
    if (events.length > from) this.#tellRecorded(events.slice(from), begun);
  }

  #tellRecorded(events: readonly string[], begun: readonly string[]): void {
    this.#events.append(`{"kind":"recorded","events":[${events.join(',')}],"begun":${JSON.stringify(begun)}}`);
  }

  /** The last row of another of the tenant's objects whose events were recorded; 0: none. */
  recordedThrough(sender: number): number {
    const [row] = this.#sql
      .exec<{ through: number }>('SELECT through FROM recorded WHERE sender = ?', sender)
      .toArray();
    return row?.through ?? 0;
  }

  writeRecorded(sender: number, through: number): void {
    this.#sql.exec('INSERT OR REPLACE INTO recorded (sender, through) VALUES (?, ?)', sender, through);
  }

  /** Forgets what the hub was not told, and what was recorded of others: for a tenant that is erased. */
  forgetEvents(): void {
    this.#events.clear();
    this.#sql.exec('DELETE FROM recorded');
  }
}

type CounterRow = { limit_id: string; start: number; counter: string };

/** The object wrote these texts itself: the casts state that. A counter of an earlier version has no level. */
function toCounter({ limit_id: limitId, start, counter }: CounterRow): Counter {
  const { spent, out, level = null, levelAt = 0, fired } = exactParse(counter) as Counter;
  return { limitId, start, spent: BigInt(spent), out: BigInt(out), level, levelAt, fired };
}

function toLease(text: string): Lease {
  const { amounts, ...lease } = exactParse(text) as Omit<Lease, 'amounts'> & { readonly amounts: LeaseAmount[] };
  return { ...lease, amounts: new Map(amounts.map((amount) => [counterKey(amount.limitId, amount.start), amount])) };
}
