import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { inTransaction, withClient } from './connection.ts';
import { ensureWorkerRole } from './roles.ts';

const FOLDER = join(import.meta.dirname, '../../migrations/postgres');
/** Serialises runners against one database; any constant serves. */
const LOCK = 7_318_349_394;

export interface MigrateOptions {
  readonly databaseUrl: string;
  /** Password for `eufm_app`; left as it is when absent. */
  readonly appPassword?: string;
  /** Password for `eufm_ledger`; left as it is when absent. */
  readonly ledgerPassword?: string;
}

/**
 * Applies every migration that the database does not have, each in a transaction of its own, and answers their names.
 * Runs as the owner of the tables. Refuses when a migration that was applied has been edited since.
 */
export async function migrate({ databaseUrl, appPassword, ledgerPassword }: MigrateOptions): Promise<string[]> {
  return withClient(databaseUrl, async (client) => {
    await ensureWorkerRole(client, 'eufm_app', appPassword);
    await ensureWorkerRole(client, 'eufm_ledger', ledgerPassword);
    const applied: string[] = [];
    for (const name of await migrationNames()) {
      if (await inTransaction(client, () => applyUp(client, name))) applied.push(name);
    }
    return applied;
  });
}

/** Takes back the last `steps` migrations (one unless said otherwise), newest first, and answers their names. */
export async function rollback(options: { databaseUrl: string; steps?: number }): Promise<string[]> {
  const { databaseUrl, steps = 1 } = options;
  return withClient(databaseUrl, async (client) => {
    const undone: string[] = [];
    while (undone.length < steps) {
      const name = await inTransaction(client, () => applyDown(client));
      if (name === undefined) break;
      undone.push(name);
    }
    return undone;
  });
}

async function applyUp(client: pg.Client, name: string): Promise<boolean> {
  await lockHistory(client);
  const statements = await readFile(join(FOLDER, name, 'up.sql'), 'utf8');
  const checksum = createHash('sha256').update(statements).digest('hex');
  const { rows } = await client.query<{ checksum: string }>('select checksum from schema_migrations where name = $1', [
    name,
  ]);
  if (rows[0]) {
    if (rows[0].checksum === checksum) return false;
    throw new Error(`migration ${name} was edited after it was applied; write a new one instead`);
  }
  await run(client, name, statements);
  await client.query('insert into schema_migrations (name, checksum) values ($1, $2)', [name, checksum]);
  return true;
}

async function applyDown(client: pg.Client): Promise<string | undefined> {
  await lockHistory(client);
  const { rows } = await client.query<{ name: string }>(
    'delete from schema_migrations where name = (select max(name) from schema_migrations) returning name',
  );
  const name = rows[0]?.name;
  if (name !== undefined) await run(client, name, await readFile(join(FOLDER, name, 'down.sql'), 'utf8'));
  return name;
}

/** Held to the end of the transaction, so that it also holds behind a pooler that shares sessions. */
async function lockHistory(client: pg.Client): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
  await client.query(`
    create table if not exists schema_migrations (
      name text primary key,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`);
}

async function run(client: pg.Client, name: string, statements: string): Promise<void> {
  try {
    await client.query(statements);
  } catch (error) {
    throw new Error(`migration ${name}: ${(error as Error).message}`, { cause: error });
  }
}

async function migrationNames(): Promise<string[]> {
  const entries = await readdir(FOLDER, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}
