import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import * as z from 'zod';
import { findFreePort } from './free-port.ts';

const ROOT = join(import.meta.dirname, '../..');
const READY_LIMIT_MS = 120_000;

const devFile = z.object({
  baseUrl: z.url(),
  tenantId: z.uuid(),
  environmentId: z.uuid(),
  apiKey: z.string().startsWith('eufm_'),
  adminToken: z.string().min(1),
  databaseUrl: z.string().startsWith('postgres'),
  pid: z.int().positive(),
});
export type DevFile = z.infer<typeof devFile>;

/** A folder for the product's data, removed when disposed. */
export function dataFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'eufm-product-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The product as a user starts it. */
export interface Product extends AsyncDisposable {
  readonly dev: DevFile;
  readonly output: () => string;
  /** Signals the process that `dev.json` names and waits for its end; answers its exit code. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null>;
}

/** Runs `npm start` on its own data folder and a free port, and waits until it has said that it is ready. */
export async function startProduct(directory: string, settings: Record<string, string> = {}): Promise<Product> {
  const env = { ...process.env, EUFM_DIR: directory, PORT: String(await findFreePort()), ...settings };
  const child = spawn('npm', ['start'], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
  const deadline = Date.now() + READY_LIMIT_MS;
  while (!output.includes('curl ')) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await endGroup(child, 'SIGKILL');
      throw new Error(`npm start did not become ready:\n${output}`);
    }
    await sleep(100);
  }
  const dev = devFile.parse(JSON.parse(readFileSync(join(directory, 'dev.json'), 'utf8')));
  return {
    dev,
    output: () => output,
    async end(signal) {
      const ended = once(child, 'close');
      process.kill(dev.pid, signal);
      await ended;
      return child.exitCode;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await endGroup(child, 'SIGTERM');
    },
  };
}

async function endGroup(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = once(child, 'close');
  process.kill(-child.pid, signal);
  await ended;
}

/** `POST /v1/orchestrate` with the demo tenant's key. */
export function orchestrate({ baseUrl, apiKey, tenantId }: DevFile, body: unknown): Promise<Response> {
  return fetch(`${baseUrl}/v1/orchestrate`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'x-tenant-id': tenantId, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** One query on the product's database, as its owner. */
export async function query<Row extends pg.QueryResultRow>(
  databaseUrl: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
