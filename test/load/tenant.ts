import { join } from 'node:path';
import { withClient } from '../../scripts/db/connection.ts';
import { bindingsOf } from '../../scripts/dev/bindings.ts';
import type { WorkerName } from '../../scripts/dev/build-workers.ts';
import { prepareDatabase } from '../../scripts/dev/database.ts';
import { startNeonBridge } from '../../scripts/dev/neon-bridge.ts';
import { startPostgres } from '../../scripts/dev/postgres.ts';
import { loadSecrets } from '../../scripts/dev/secrets.ts';
import type { Settings } from '../../scripts/dev/settings.ts';
import { findFreePort } from '../harness/free-port.ts';

const AUDIENCE = 'urn:eufm:api';
/** Nobody signs in: requests carry an API key. */
const NO_IDENTITY = { issuer: 'https://id.invalid', jwksUrl: 'https://id.invalid/jwks' };
const OWNER = { issuer: NO_IDENTITY.issuer, subject: 'bench', email: 'bench@example.test', name: 'Bench' };

/** A tenant in a database of its own, and what the product's scripts need to serve it. */
export interface BenchTenant {
  readonly tenantId: string;
  readonly apiKey: string;
  readonly bindings: Readonly<Record<WorkerName, Readonly<Record<string, string>>>>;
  close(): Promise<void>;
}

/**
 * Makes the demo tenant with an account of OpenAI's at `upstreamUrl` and a budget that no run uses up, so that every
 * hold is checked and counted against one.
 */
export async function createTenant(root: string, directory: string, upstreamUrl: string): Promise<BenchTenant> {
  await using started = new AsyncDisposableStack();
  const settings: Settings = {
    root,
    directory,
    port: 0,
    databaseUrl: null,
    providers: [{ provider: 'openai', keyName: 'OPENAI_API_KEY', apiKey: 'sk-bench', baseUrl: `${upstreamUrl}/v1` }],
    vars: {},
  };
  const dataDir = join(directory, 'postgres');
  const server = await startPostgres({ dataDir, port: await findFreePort(), durable: false });
  started.defer(() => server.stop());
  const bridge = started.adopt(await startNeonBridge({ port: 0, postgresUrl: server.url }), (it) => it.close());
  const secrets = loadSecrets(directory);
  const databaseUrl = server.url;
  const { tenantId } = await prepareDatabase({ settings, secrets, databaseUrl, simulatorUrl: '', identity: OWNER });
  await withClient(databaseUrl, (client) =>
    client.query(
      `insert into budgets (tenant_id, name, amount_usd, period) values ($1, 'bench', 1000000000, 'month')`,
      [tenantId],
    ),
  );
  const neonEndpoint = `http://127.0.0.1:${bridge.port}`;
  const running = started.move();
  return {
    tenantId,
    apiKey: secrets.apiKey,
    bindings: bindingsOf({ settings, secrets, databaseUrl, neonEndpoint, identity: NO_IDENTITY, audience: AUDIENCE }),
    close: () => running.disposeAsync(),
  };
}
