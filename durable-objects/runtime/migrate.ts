/** Statements of one schema version. Append only: an object may wake on any earlier version. */
export type SqlMigration = readonly string[];

/** The version of an object's tables; 0 when it never had any. Writes nothing. */
export function schemaVersion(sql: SqlStorage): number {
  const exists = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").toArray().length > 0;
  return exists ? Number(sql.exec('SELECT version FROM schema_version').one().version) : 0;
}

/** Brings an object's tables to the newest version, in one transaction. */
export function migrate(storage: DurableObjectStorage, migrations: readonly SqlMigration[]): void {
  const from = schemaVersion(storage.sql);
  if (from === migrations.length) return;
  storage.transactionSync(() => {
    if (from === 0) storage.sql.exec('CREATE TABLE schema_version (version INTEGER NOT NULL)');
    for (const statement of migrations.slice(from).flat()) storage.sql.exec(statement);
    storage.sql.exec('DELETE FROM schema_version');
    storage.sql.exec('INSERT INTO schema_version (version) VALUES (?)', migrations.length);
  });
}
