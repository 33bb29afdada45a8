import type { SqlMigration } from '../../durable-objects/runtime/migrate.ts';

/** Tables of TenantGate. Append only. Money is TEXT: SQLite hands integers back as doubles, which lose pico-USD. */
export const TENANT_GATE_MIGRATIONS: readonly SqlMigration[] = [
  [
    'CREATE TABLE configuration (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, snapshot TEXT NOT NULL)',
    `CREATE TABLE holds (
      request_id TEXT PRIMARY KEY,
      state TEXT NOT NULL,
      deadline INTEGER NOT NULL,
      command TEXT NOT NULL,
      counters TEXT NOT NULL
    ) WITHOUT ROWID`,
    'CREATE INDEX holds_by_deadline ON holds (deadline)',
    `CREATE TABLE counters (
      budget_id TEXT NOT NULL,
      period_start INTEGER NOT NULL,
      spent TEXT NOT NULL,
      held TEXT NOT NULL,
      PRIMARY KEY (budget_id, period_start)
    ) WITHOUT ROWID`,
    `CREATE TABLE outbox (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      event TEXT NOT NULL,
      traceparent TEXT NOT NULL,
      due_at INTEGER NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0
    )`,
    'CREATE INDEX outbox_by_due ON outbox (due_at)',
  ],
  [
    `CREATE TABLE limit_counters (
      limit_id TEXT NOT NULL,
      start INTEGER NOT NULL,
      counter TEXT NOT NULL,
      PRIMARY KEY (limit_id, start)
    ) WITHOUT ROWID`,
    `INSERT INTO limit_counters (limit_id, start, counter)
     SELECT budget_id || ':picoUsd', period_start, json_object('spent', spent, 'out', '0', 'fired', json_array())
     FROM counters`,
    'DROP TABLE counters',
    'CREATE TABLE leases (lease_id TEXT PRIMARY KEY, lease TEXT NOT NULL) WITHOUT ROWID',
    'DROP TABLE holds',
    `CREATE TABLE holds (
      request_id TEXT PRIMARY KEY,
      lease_id TEXT NOT NULL,
      hold TEXT NOT NULL
    ) WITHOUT ROWID`,
    'CREATE INDEX holds_by_lease ON holds (lease_id)',
    'ALTER TABLE outbox RENAME TO outbox_of_single_events',
    'DROP INDEX outbox_by_due',
    `CREATE TABLE outbox (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      events TEXT NOT NULL,
      due_at INTEGER NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0
    )`,
    'CREATE INDEX outbox_by_due ON outbox (due_at)',
    `INSERT INTO outbox (sequence, events, due_at)
     SELECT sequence, '[' || event || ']', due_at FROM outbox_of_single_events`,
    'DROP TABLE outbox_of_single_events',
    'CREATE TABLE shard (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL)',
  ],
  [
    'ALTER TABLE outbox ADD COLUMN appended_at INTEGER NOT NULL DEFAULT 0',
    `UPDATE outbox SET appended_at = coalesce(
       (SELECT min(coalesce(value ->> 'endedAt', value ->> 'reachedAt')) FROM json_each(events)), 0)`,
    'CREATE TABLE shards_used (id INTEGER PRIMARY KEY CHECK (id = 1), most INTEGER NOT NULL)',
    `INSERT INTO shards_used (id, most)
     SELECT 1, CASE WHEN EXISTS (SELECT 1 FROM leases WHERE lease ->> 'isShard') THEN 16 ELSE 1 END`,
  ],
  ['CREATE TABLE tenant_key (only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT, kek TEXT, wrapped TEXT)'],
  [
    'CREATE TABLE event_outbox (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, count INTEGER NOT NULL, told TEXT NOT NULL)',
    'CREATE TABLE recorded (sender INTEGER PRIMARY KEY, through INTEGER NOT NULL)',
  ],
];
