import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { importPepper } from '../../shared/auth/api-key.ts';
import { localPrimary, sealDirectly } from '../../shared/crypto/direct-envelope.ts';
import { withClient } from '../db/connection.ts';
import { migrate } from '../db/migrate.ts';
import { deploymentDays, ensurePartitions } from '../db/partitions.ts';
import { seedCatalogue } from '../db/seed.ts';
import { type DemoOptions, type DemoTenant, seedDemoTenant } from '../db/seed-demo.ts';
import { startPostgres } from './postgres.ts';
import type { Secrets } from './secrets.ts';
import type { Settings } from './settings.ts';

export interface DevelopmentDatabase {
  /** As the owner of the tables, who sees every tenant's rows. */
  readonly url: string;
  close(): Promise<void>;
}

/** The server that the settings name, or else the embedded PostgreSQL, with its data in the `.eufm` folder. */
export async function startDatabase({ databaseUrl, directory }: Settings, port: number): Promise<DevelopmentDatabase> {
  if (databaseUrl) return { url: databaseUrl, close: async () => {} };
  const logFile = createWriteStream(join(directory, 'postgres.log'));
  const log = (line: string) => void logFile.write(`${line}\n`);
  const server = await startPostgres({ dataDir: join(directory, 'postgres'), port, log });
  return { url: server.url, close: () => server.stop().finally(() => logFile.end()) };
}

export interface PrepareOptions {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly databaseUrl: string;
  readonly simulatorUrl: string;
  /** Who owns the demo tenant. */
  readonly identity: DemoOptions['identity'];
}

/** Brings the schema, the catalogue and the demo tenant up to date with the code and the settings. */
export async function prepareDatabase(options: PrepareOptions): Promise<DemoTenant> {
  const { settings, secrets, databaseUrl, simulatorUrl, identity } = options;
  const { apiKey, appPassword, ledgerPassword } = secrets;
  await migrate({ databaseUrl, appPassword, ledgerPassword });
  const kek = await localPrimary(secrets.vaultKeys);
  const demo: DemoOptions = {
    apiKey,
    pepper: await importPepper(Buffer.from(secrets.apiKeyPepper, 'base64')),
    seal: (context, plaintext) => sealDirectly(kek, context, plaintext),
    providers: settings.providers.map(({ provider, apiKey, baseUrl }) =>
      apiKey === null
        ? { provider, label: 'simulated', baseUrl: simulatorUrl, apiKey: 'simulated' }
        : { provider, label: 'default', baseUrl, apiKey },
    ),
    identity,
  };
  return withClient(databaseUrl, async (client) => {
    await seedCatalogue(client);
    await ensurePartitions(client, deploymentDays());
    return seedDemoTenant(client, demo);
  });
}
