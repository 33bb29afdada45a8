import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Configuration file of each script, gateway first; names as in their wrangler.toml. */
export const WORKER_CONFIGS = {
  'eufm-gateway': 'wrangler.toml',
  'eufm-providers': 'workers/providers/wrangler.toml',
  'eufm-ledger': 'workers/ledger/wrangler.toml',
  'eufm-state': 'durable-objects/wrangler.toml',
} as const;

export type WorkerName = keyof typeof WORKER_CONFIGS;

export const WORKER_NAMES = Object.keys(WORKER_CONFIGS) as WorkerName[];

/** Bundles every script into `<outDir>/<name>`, as a deployment would, but without network or account. */
export async function buildWorkers(root: string, outDir: string): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  await Promise.all(WORKER_NAMES.map((name) => build(name, root, join(outDir, name))));
}

function build(name: WorkerName, root: string, outDir: string): Promise<void> {
  const config = WORKER_CONFIGS[name];
  const wrangler = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin/wrangler.js');
  const child = spawn(process.execPath, [wrangler, 'deploy', '--dry-run', '--env=', '--outdir', outDir, '-c', config], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true', // the banner asks the registry for updates
      WRANGLER_WRITE_LOGS: 'false',
      FORCE_COLOR: '0',
    },
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => output.push(data));
  child.stderr.on('data', (data: Buffer) => output.push(data));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${name} (${config}) does not build:\n\n${Buffer.concat(output).toString().trim()}`));
    });
  });
}
