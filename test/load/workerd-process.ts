import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as z from 'zod';
import { leash } from '../../scripts/dev/leash.ts';
import { SOCKET, type WorkerdConfig, writeWorkerdConfig } from './workerd-config.ts';

/** A server process of the benchmark, on loopback. */
export interface ServerProcess {
  readonly pid: number;
  readonly url: string;
  /** All that it has written. */
  log(): string;
  close(): Promise<void>;
}

const listening = z.object({ event: z.literal('listen'), socket: z.literal(SOCKET), port: z.int().positive() });

/** Runs one workerd on the configuration, with its file and its log in `directory`. Resolves when it listens. */
export async function startWorkerd(directory: string, config: WorkerdConfig): Promise<ServerProcess> {
  const file = join(directory, 'workerd.capnp');
  const logFile = join(directory, 'workerd.log');
  writeFileSync(file, writeWorkerdConfig(config), { mode: 0o600 }); // it holds secrets, if only the benchmark's own
  const binary: string = createRequire(import.meta.resolve('miniflare'))('workerd').default;
  const output = openSync(logFile, 'w');
  // `--experimental`: the queue's stand-in hands messages to a handler in the same process.
  const child = spawn(binary, ['serve', '--experimental', '--control-fd=3', file], {
    stdio: ['ignore', output, output, 'pipe'],
  });
  closeSync(output);
  const log = () => readFileSync(logFile, 'utf8');
  const ended = once(child, 'close');
  if (child.pid === undefined) throw new Error(`workerd cannot be run: ${await ended.catch(String)}`);
  const release = leash(`kill -KILL ${child.pid}`);
  const close = async () => {
    child.kill('SIGKILL');
    await ended;
    await release();
  };
  const control = child.stdio[3] as Readable; // a pipe, as the options above ask
  const port = await Promise.race([readPort(control), ended.then(() => null)]);
  if (port === null) {
    await close();
    throw new Error(`workerd did not start:\n${log()}`);
  }
  return { pid: child.pid, url: `http://127.0.0.1:${port}`, log, close };
}

/** The port that workerd chose, from what it says of itself; null when it ends without. */
async function readPort(control: Readable): Promise<number | null> {
  for await (const line of createInterface(control)) {
    const said = listening.safeParse(JSON.parse(line));
    if (said.success) return said.data.port;
  }
  return null;
}
