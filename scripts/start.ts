import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildAssets } from './build-assets.ts';
import { banner } from './dev/banner.ts';
import { bindingsOf } from './dev/bindings.ts';
import { buildWorkers } from './dev/build-workers.ts';
import { prepareDatabase, startDatabase } from './dev/database.ts';
import { startIdentityProvider } from './dev/identity-provider.ts';
import { lockDirectory } from './dev/lock.ts';
import { startNeonBridge } from './dev/neon-bridge.ts';
import { choosePorts, requireFreePort } from './dev/ports.ts';
import { loadSecrets, writePrivateFile } from './dev/secrets.ts';
import { readSettings, type Settings } from './dev/settings.ts';
import { startSimulator } from './dev/simulator.ts';
import { stopSignal } from './dev/stop-signals.ts';
import { waitUntilReady } from './dev/wait-until-ready.ts';
import { prepareWorkerd } from './dev/workerd.ts';
import { startWorkers } from './dev/workers.ts';

const AUDIENCE = 'urn:eufm:api';
/** As in wrangler.toml. */
const CLIENT_ID = 'eufm';
const ADMINISTRATOR = { subject: 'admin', email: 'admin@example.com', name: 'Local Administrator' };

/** Runs the whole product on this machine until `stop` aborts, and ends everything that it started. */
async function run(settings: Settings, stop: AbortSignal): Promise<void> {
  const { root, directory, port } = settings;
  const startedAt = performance.now();
  const baseUrl = `http://localhost:${port}`;
  const inDirectory = (name: string) => join(directory, name);
  const begin = (step: string) => {
    stop.throwIfAborted();
    console.log(`· ${step}`);
  };
  await using started = new AsyncDisposableStack();
  const keep = async <Part extends { close(): Promise<void> }>(starting: Promise<Part>): Promise<Part> =>
    started.adopt(await starting, (part) => part.close());

  started.defer(await lockDirectory(directory, baseUrl));
  const detailsFile = inDirectory('dev.json');
  rmSync(detailsFile, { force: true }); // of a run that was killed
  const workerd = await prepareWorkerd(inDirectory('run'));
  await requireFreePort(port);
  const ports = await choosePorts(directory, ['postgres', 'neonBridge', 'identityProvider', 'simulator']);
  const secrets = loadSecrets(directory);

  begin('Building the Workers; starting PostgreSQL, identity provider and simulator');
  buildAssets();
  const { jwks, apiKey } = secrets;
  const origins = [baseUrl, `http://127.0.0.1:${port}`];
  const identityOptions = {
    ...{ jwks, audience: AUDIENCE, administrator: ADMINISTRATOR },
    client: { id: CLIENT_ID, secret: secrets.oidcClientSecret, origins },
    backchannelLogoutUri: `http://127.0.0.1:${port}/v1/auth/backchannel-logout`,
  };
  const [{ url: databaseUrl }, identity, simulator] = await allOf([
    keep(startDatabase(settings, ports.postgres)),
    keep(startIdentityProvider({ port: ports.identityProvider, ...identityOptions })),
    keep(startSimulator({ port: ports.simulator })),
    buildWorkers(root, inDirectory('build')),
  ]);
  const bridge = await keep(startNeonBridge({ port: ports.neonBridge, postgresUrl: databaseUrl }));

  begin('Migrating and seeding the database; starting the Workers');
  const neonEndpoint = `http://127.0.0.1:${bridge.port}`;
  const bindings = bindingsOf({ settings, secrets, databaseUrl, neonEndpoint, identity, audience: AUDIENCE });
  const owner = { issuer: identity.issuer, ...ADMINISTRATOR };
  const [{ tenantId, environmentId }, workers] = await allOf([
    prepareDatabase({ settings, secrets, databaseUrl, simulatorUrl: simulator.url, identity: owner }),
    keep(
      startWorkers({
        ...{ root, port, bindings, workerd, log: console.log },
        ...{ buildDir: inDirectory('build'), stateDir: inDirectory('state') },
      }),
    ),
  ]);

  begin('Waiting for the gateway to be ready');
  await waitUntilReady(baseUrl, stop);
  await workers.startSchedule(); // hands the seeded configuration to the data plane
  const adminToken = await identity.mintAccessToken(ADMINISTRATOR.subject);
  const details = { baseUrl, tenantId, environmentId, apiKey, adminToken, databaseUrl, pid: process.pid };
  writePrivateFile(detailsFile, details);
  started.defer(() => rmSync(detailsFile, { force: true }));
  console.log(banner(details, settings, (performance.now() - startedAt) / 1000));

  if (!stop.aborted) await once(stop, 'abort');
  console.log('Stopping; requests in flight may take up to 10 s.');
}

/** Waits for all of them, even when one fails: what the others start must be known before it can be ended. */
async function allOf<Values extends readonly unknown[]>(
  promises: { [Index in keyof Values]: Promise<Values[Index]> },
): Promise<Values> {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as unknown as Values; // in the order given, which the type cannot say
}

// Whoever read our output may be gone (`npm start | tee log` and Ctrl-C); that must not keep us from stopping in order.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});
const stop = stopSignal();
try {
  await run(readSettings(join(import.meta.dirname, '..')), stop);
} catch (error) {
  if (!stop.aborted) {
    const isForTheUser = error instanceof Error && error.constructor === Error; // its subclasses are mistakes of ours
    console.error(isForTheUser ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
