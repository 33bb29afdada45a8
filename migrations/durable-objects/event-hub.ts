import type { SqlMigration } from '../../durable-objects/runtime/migrate.ts';

/** Tables of EventHub. Append only. A row of the window has the events of one call, or of some that came close together. */
export const EVENT_HUB_MIGRATIONS: readonly SqlMigration[] = [
  [
    `CREATE TABLE window (
      first INTEGER PRIMARY KEY,
      last INTEGER NOT NULL,
      told_at INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      events TEXT NOT NULL
    )`,
    'CREATE TABLE senders (sender INTEGER PRIMARY KEY, through INTEGER NOT NULL)',
    'CREATE TABLE shards (shard INTEGER PRIMARY KEY)',
    'CREATE TABLE relayed (id INTEGER PRIMARY KEY CHECK (id = 1), through INTEGER NOT NULL)',
  ],
];
