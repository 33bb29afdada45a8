import * as z from 'zod';
import type { HoldCommand } from '../../shared/contracts/rpc.ts';
import { type TenantSnapshot, tenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import type { Counter, CounterChange, CounterKey, Hold } from '../../shared/domain/admission/hold.ts';

const counterKeys = z.array(z.object({ budgetId: z.string(), periodStart: z.number() }));

/** TenantGate's tables for configuration, holds and counters. Every method is synchronous; decides nothing. */
export class GateStore {
  readonly #sql: SqlStorage;
  #snapshot: TenantSnapshot | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
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
  }

  readCounter({ budgetId, periodStart }: CounterKey): Counter {
    const row = this.#sql
      .exec<{ spent: string; held: string }>(
        'SELECT spent, held FROM counters WHERE budget_id = ? AND period_start = ?',
        budgetId,
        periodStart,
      )
      .toArray()[0];
    return row ? { spent: BigInt(row.spent), held: BigInt(row.held) } : { spent: 0n, held: 0n };
  }

  applyChanges(changes: readonly CounterChange[]): void {
    for (const change of changes) {
      const counter = this.readCounter(change);
      this.#sql.exec(
        'INSERT OR REPLACE INTO counters (budget_id, period_start, spent, held) VALUES (?, ?, ?, ?)',
        change.budgetId,
        change.periodStart,
        (counter.spent + change.spent).toString(),
        (counter.held + change.held).toString(),
      );
    }
  }

  readHold(requestId: string): Hold | null {
    const row = this.#sql.exec<HoldRow>('SELECT * FROM holds WHERE request_id = ?', requestId).toArray()[0];
    return row ? toHold(row) : null;
  }

  /** Open holds whose deadline has passed. */
  readExpiredHolds(now: number): Hold[] {
    return this.#sql
      .exec<HoldRow>("SELECT * FROM holds WHERE deadline <= ? AND state = 'open'", now)
      .toArray()
      .map(toHold);
  }

  writeHold({ command, state, deadline, counters }: Hold): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO holds (request_id, state, deadline, command, counters) VALUES (?, ?, ?, ?, ?)',
      command.requestId,
      state,
      deadline,
      JSON.stringify(command),
      JSON.stringify(counters),
    );
  }

  renewHold(requestId: string, deadline: number): void {
    this.#sql.exec("UPDATE holds SET deadline = ? WHERE request_id = ? AND state = 'open'", deadline, requestId);
  }

  deleteHold(requestId: string): void {
    this.#sql.exec('DELETE FROM holds WHERE request_id = ?', requestId);
  }

  /** Forgets estimates that nobody corrected in time; for them `deadline` is the end of that time. */
  deleteOldEstimates(now: number): void {
    this.#sql.exec("DELETE FROM holds WHERE deadline <= ? AND state = 'estimated'", now);
  }

  /** The earliest deadline of any hold, or null. */
  nextDeadline(): number | null {
    return this.#sql.exec<{ next: number | null }>('SELECT min(deadline) AS next FROM holds').one().next;
  }
}

type HoldRow = {
  state: string;
  deadline: number;
  command: string;
  counters: string;
};

function toHold(row: HoldRow): Hold {
  return {
    command: parseCommand(row.command),
    state: row.state === 'estimated' ? 'estimated' : 'open',
    deadline: row.deadline,
    counters: counterKeys.parse(JSON.parse(row.counters)),
  };
}

/** The object wrote this text itself, from a command that it had accepted: the cast states that. */
function parseCommand(text: string): HoldCommand {
  return JSON.parse(text) as HoldCommand;
}
