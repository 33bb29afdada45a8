import type { SqlMigration } from '../../durable-objects/runtime/migrate.ts';

/** Tables of ResponseCache. Append only. */
export const RESPONSE_CACHE_MIGRATIONS: readonly SqlMigration[] = [
  [
    `CREATE TABLE answers (
      key_hash TEXT PRIMARY KEY,
      family_hash TEXT NOT NULL,
      vector BLOB,
      answer TEXT NOT NULL,
      stored_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL
    )`,
    'CREATE INDEX answers_by_expiry ON answers (expires_at)',
    'CREATE INDEX answers_by_family ON answers (family_hash, stored_at) WHERE vector IS NOT NULL',
  ],
];
