import type { SqlMigration } from '../../durable-objects/runtime/migrate.ts';

/** Tables of IdempotencyStore. Append only. */
export const IDEMPOTENCY_STORE_MIGRATIONS: readonly SqlMigration[] = [
  [
    `CREATE TABLE keys (
      key_hash TEXT PRIMARY KEY,
      fingerprint TEXT NOT NULL,
      claim_id TEXT NOT NULL,
      effect_id TEXT NOT NULL,
      request_id TEXT NOT NULL,
      claimed_at INTEGER NOT NULL,
      deadline INTEGER NOT NULL,
      answer TEXT
    ) WITHOUT ROWID`,
    'CREATE INDEX keys_by_age ON keys (claimed_at)',
    'CREATE TABLE bodies (key_hash TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (key_hash, part))',
  ],
];
