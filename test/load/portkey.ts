import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** As in Portkey's own wrangler.toml. */
export const PORTKEY_COMPATIBILITY = { compatibilityDate: '2024-12-05', compatibilityFlags: ['nodejs_compat'] };

/** What only its Node server and its optional cache need. */
const NODE_ONLY = /^(@hono\/node-server|@hono\/node-ws|ws|ioredis|https)$/;
/** Where the module of the application ends and its Node server begins; names are the minifier's. */
const NODE_SERVER = /const\{injectWebSocket:\w+,upgradeWebSocket:\w+\}=\w+\(\{app:(?<app>\w+)\}\)/;

/**
 * Bundles Portkey's gateway for workerd and answers the module's path, or null when the package is not installed. It is
 * published for Node only, but is the same application as its Workers build: what serves it in Node is cut off.
 */
export async function bundlePortkey(directory: string): Promise<string | null> {
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve('@portkey-ai/gateway/build/start-server.js');
  } catch {
    return null;
  }
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
