import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build, type Plugin } from 'esbuild';
import { findFreePort } from '../harness/free-port.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';

/** As in Portkey's own wrangler.toml. */
export const PORTKEY_COMPATIBILITY = { compatibilityDate: '2024-12-05', compatibilityFlags: ['nodejs_compat'] };

/** What only its Node server and its optional cache need. */
const NODE_ONLY = /^(@hono\/node-server|@hono\/node-ws|ws|ioredis|https)$/;
/** How often its Node server, which says nothing that a program can read, is asked if it listens. */
const START_CHECK_MS = 50;
const START_CHECKS = 200;
/** Where the module of the application ends and its Node server begins; names are the minifier's. */
const NODE_SERVER = /const\{injectWebSocket:\w+,upgradeWebSocket:\w+\}=\w+\(\{app:(?<app>\w+)\}\)/;

/**
 * Bundles Portkey's gateway for workerd and answers the module's path, or null when the package is not installed. It is
 * published for Node only, but is the same application as its Workers build: what serves it in Node is cut off.
 */
export async function bundlePortkey(directory: string): Promise<string | null> {
  const entry = findServer();
  if (entry === null) return null;
  const outfile = join(directory, 'portkey.js');
  await build({
    stdin: { contents: applicationOf(entry), resolveDir: dirname(entry), loader: 'js' },
    ...{ outfile, bundle: true, format: 'esm', platform: 'node', target: 'es2022', logLevel: 'error' },
    conditions: ['workerd', 'worker', 'import'],
    define: { 'process.env.NODE_ENV': '"production"', 'process.argv': '[]' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('file:///');" },
    plugins: [withoutNodeServer],
  });
  return outfile;
}

/** Starts the package as it is meant to be started, in Node, or answers null when it is not installed. */
export async function startPortkeyNode(directory: string): Promise<ServerProcess | null> {
  const server = findServer();
  if (server === null) return null;
  const port = await findFreePort();
  const { pid, child, log, close } = await spawnServer({
    command: process.execPath,
    args: [server, `--port=${port}`, '--headless'],
    env: { NODE_ENV: 'production' },
    logFile: join(directory, 'node.log'),
  });
  const url = `http://127.0.0.1:${port}`;
  for (let check = 0; check < START_CHECKS && child.exitCode === null; check++) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return { pid, url, log, close };
    await sleep(START_CHECK_MS);
  }
  await close();
  throw new Error(`Portkey did not start in Node:\n${log()}`);
}

function findServer(): string | null {
  try {
    return createRequire(import.meta.url).resolve('@portkey-ai/gateway/build/start-server.js');
  } catch {
    return null;
  }
}

function applicationOf(entry: string): string {
  const source = readFileSync(entry, 'utf8');
  const match = NODE_SERVER.exec(source);
  if (!match) throw new Error(`${entry} is not built as version 1.15.2 is`);
  return `${source.slice(0, match.index)}\nexport const portkey = { fetch: ${match.groups?.app}.fetch };`;
}

const withoutNodeServer: Plugin = {
  name: 'without-node-server',
  setup(building) {
    building.onResolve({ filter: NODE_ONLY }, ({ path }) => ({ path, namespace: 'absent' }));
    building.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
      contents: 'export const serve = null, createNodeWebSocket = null; export class Agent {} export default class {}',
    }));
  },
};
