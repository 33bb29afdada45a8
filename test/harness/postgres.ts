import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withClient } from '../../scripts/db/connection.ts';
import { migrate } from '../../scripts/db/migrate.ts';
import { ensurePartitions } from '../../scripts/db/partitions.ts';
import { seedCatalogue } from '../../scripts/db/seed.ts';
import { type NeonBridge, startNeonBridge } from '../../scripts/dev/neon-bridge.ts';
import { type PostgresServer, startPostgres } from '../../scripts/dev/postgres.ts';
import { findFreePort } from './free-port.ts';

const PORT_ATTEMPTS = 3;
const DAY_MS = 86_400_000;

/** A migrated and seeded database of its own, by the role that one connects as. */
export interface TestDatabase {
  /** The owner, here a superuser. */
  readonly url: string;
  readonly appUrl: string;
  readonly ledgerUrl: string;
  /** Where Neon's driver finds the database. */
  readonly neonEndpoint: string;
}

export interface TestServer {
  /** The superuser's connection to a database that no test uses. */
  readonly url: string;
  /** An empty database, for its owner. */
  createEmptyDatabase(): Promise<string>;
  createDatabase(): Promise<TestDatabase>;
  close(): Promise<void>;
}

/** Starts PostgreSQL, with a bridge for Neon's driver in front, in a temporary folder. Fast, and not crash safe. */
export async function startTestServer(): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'eufm-test-'));
  const server = await startOnFreePort(dataDir);
  const bridge = await startNeonBridge({ port: 0, postgresUrl: server.url });
  const [appPassword, ledgerPassword] = [randomPassword(), randomPassword()];
  const createEmptyDatabase = async () => {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await withClient(server.url, (client) => client.query(`create database ${name}`));
    return replaced(server.url, { pathname: `/${name}` });
  };
  return {
    url: server.url,
    createEmptyDatabase,
    createDatabase: async () => {
      const url = await createEmptyDatabase();
      await migrate({ databaseUrl: url, appPassword, ledgerPassword });
      await withClient(url, async (client) => {
        await seedCatalogue(client);
        await ensurePartitions(client, { from: new Date(Date.now() - DAY_MS), days: 3 });
      });
      return {
        url,
        appUrl: replaced(url, { username: 'eufm_app', password: appPassword }),
        ledgerUrl: replaced(url, { username: 'eufm_ledger', password: ledgerPassword }),
        neonEndpoint: `http://127.0.0.1:${bridge.port}`,
      };
    },
    close: () => stop(server, bridge, dataDir),
  };
}

/** One database on a server of its own: what a test file needs that is not about servers. */
export async function createTestDatabase(): Promise<TestDatabase & { close(): Promise<void> }> {
  const server = await startTestServer();
  return { ...(await server.createDatabase()), close: server.close };
}

/** Between being found free and being bound, a port may be given to a connection of someone else. */
async function startOnFreePort(dataDir: string, attempts = PORT_ATTEMPTS): Promise<PostgresServer> {
  try {
    return await startPostgres({ dataDir, port: await findFreePort(), durable: false });
  } catch (error) {
    if (!String(error).includes('Address already in use') || attempts <= 1) throw error;
    return startOnFreePort(dataDir, attempts - 1);
  }
}

async function stop(server: PostgresServer, bridge: NeonBridge, dataDir: string): Promise<void> {
  await bridge.close();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

function replaced(url: string, parts: Partial<Pick<URL, 'pathname' | 'username' | 'password'>>): string {
  return Object.assign(new URL(url), parts).href;
}

function randomPassword(): string {
  return randomBytes(18).toString('base64url');
}
