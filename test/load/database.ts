import { join } from 'node:path';
import { withClient } from '../../scripts/db/connection.ts';
import { migrate } from '../../scripts/db/migrate.ts';
import { deploymentDays, ensurePartitions } from '../../scripts/db/partitions.ts';
import { seedCatalogue } from '../../scripts/db/seed.ts';
import { bindingsOf } from '../../scripts/dev/bindings.ts';
import type { WorkerName } from '../../scripts/dev/build-workers.ts';
import { startNeonBridge } from '../../scripts/dev/neon-bridge.ts';
import { startPostgres } from '../../scripts/dev/postgres.ts';
import { loadSecrets } from '../../scripts/dev/secrets.ts';
import { importPepper } from '../../shared/auth/api-key.ts';
import { localPrimary } from '../../shared/crypto/direct-envelope.ts';
import { findFreePort } from '../harness/free-port.ts';
import type { SeedOptions } from './seed-tenants.ts';

const AUDIENCE = 'urn:eufm:api';
/** Nobody signs in: requests carry an API key. */
const NO_IDENTITY = { issuer: 'https://id.invalid', jwksUrl: 'https://id.invalid/jwks' };

/** A database with the catalogue and no tenant, and what the product's scripts need to work on it. */
export interface BenchDatabase extends Omit<SeedOptions, 'providerUrl'> {
  readonly bindings: Readonly<Record<WorkerName, Readonly<Record<string, string>>>>;
  /** PostgreSQL's first process, the parent of its others. */
  pid(): number;
  close(): Promise<void>;
}

/** Starts the embedded PostgreSQL with its data in `directory`. */
export async function startBenchDatabase(root: string, directory: string): Promise<BenchDatabase> {
  await using started = new AsyncDisposableStack();
  const dataDir = join(directory, 'postgres');
  const server = await startPostgres({ dataDir, port: await findFreePort(), durable: false });
  started.defer(() => server.stop());
  const bridge = started.adopt(await startNeonBridge({ port: 0, postgresUrl: server.url }), (it) => it.close());
  const secrets = loadSecrets(directory);
  const { appPassword, ledgerPassword } = secrets;
  await migrate({ databaseUrl: server.url, appPassword, ledgerPassword });
  await withClient(server.url, async (client) => {
    await seedCatalogue(client);
    await ensurePartitions(client, deploymentDays());
  });
  const pepper = await importPepper(Buffer.from(secrets.apiKeyPepper, 'base64'));
  const kek = await localPrimary(secrets.vaultKeys);
  const bindings = bindingsOf({
    settings: { root, directory, port: 0, databaseUrl: null, providers: [], vars: {}, dns: {}, mail: {} },
    ...{ secrets, databaseUrl: server.url, neonEndpoint: `http://127.0.0.1:${bridge.port}` },
    ...{ identity: NO_IDENTITY, audience: AUDIENCE },
  });
  const pid = () => {
    const known = server.pid();
    if (known === undefined) throw new Error('PostgreSQL is down');
    return known;
  };
  const running = started.move();
  return { pid, databaseUrl: server.url, pepper, kek, bindings, close: () => running.disposeAsync() };
}
