import type { SqlMigration } from '../../durable-objects/runtime/migrate.ts';

/** Tables of TaskRunner. Append only. A task's `status`, `priority` and `run_after` repeat what `state` says, to be searched. */
export const TASK_RUNNER_MIGRATIONS: readonly SqlMigration[] = [
  [
    `CREATE TABLE tasks (
      task_id TEXT PRIMARY KEY,
      facts TEXT NOT NULL,
      state TEXT NOT NULL,
      status TEXT NOT NULL,
      priority INTEGER NOT NULL,
      run_after INTEGER NOT NULL,
      batch_id TEXT,
      hinted_at INTEGER NOT NULL,
      due_at INTEGER NOT NULL
    ) WITHOUT ROWID`,
    'CREATE INDEX tasks_to_begin ON tasks (status, priority DESC, run_after)',
    'CREATE INDEX tasks_by_due ON tasks (due_at)',
    'CREATE INDEX tasks_by_batch ON tasks (batch_id, status) WHERE batch_id IS NOT NULL',
    `CREATE TABLE texts (
      task_id TEXT NOT NULL,
      kind TEXT NOT NULL,
      part INTEGER NOT NULL,
      text TEXT NOT NULL,
      PRIMARY KEY (task_id, kind, part)
    ) WITHOUT ROWID`,
    'CREATE TABLE outbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)',
  ],
  [
    // Events `first` to `last` of a task's stream, as JSON; a long one in several parts.
    `CREATE TABLE stream_events (
      task_id TEXT NOT NULL,
      first INTEGER NOT NULL,
      part INTEGER NOT NULL,
      last INTEGER NOT NULL,
      attempt INTEGER NOT NULL,
      events TEXT NOT NULL,
      PRIMARY KEY (task_id, first, part)
    ) WITHOUT ROWID`,
  ],
];
