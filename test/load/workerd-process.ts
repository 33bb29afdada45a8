import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as z from 'zod';
import { type ServerProcess, spawnServer } from './server-process.ts';
import { type WorkerdConfig, writeWorkerdConfig } from './workerd-config.ts';

const listening = z.object({ event: z.literal('listen'), socket: z.string(), port: z.int().positive() });

/** A workerd process; its `url` is that of the socket `http`. */
export interface WorkerdProcess extends ServerProcess {
  urlOf(socket: string): string;
}

/** Runs one workerd on the configuration, with its file and its log in `directory`. Resolves when it listens. */
export async function startWorkerd(directory: string, config: WorkerdConfig): Promise<WorkerdProcess> {
  const file = join(directory, 'workerd.capnp');
  writeFileSync(file, writeWorkerdConfig(config), { mode: 0o600 }); // it holds secrets, if only the benchmark's own
  const command: string = createRequire(import.meta.resolve('miniflare'))('workerd').default;
  // `--experimental`: the queue's stand-in hands messages to a handler in the same process.
  const args = ['serve', '--experimental', '--control-fd=3', file];
  const logFile = join(directory, 'workerd.log');
  const { pid, child, ended, log, close } = await spawnServer({ command, args, logFile, hasControl: true });
  const control = child.stdio[3] as Readable; // a pipe, as asked for
  const sockets = Object.keys(config.sockets);
  const ports = await Promise.race([readPorts(control, sockets), ended.then(() => null)]);
  if (ports === null) {
    await close();
    throw new Error(`workerd did not start:\n${log()}`);
  }
  const urlOf = (socket: string) => {
    const port = ports.get(socket);
    if (port === undefined) throw new Error(`workerd has no socket ${socket}, but ${sockets.join(', ')}`);
    return `http://127.0.0.1:${port}`;
  };
  return { pid, url: urlOf('http'), urlOf, log, close };
}

/** The ports that workerd chose, from what it says of itself; null when it ends without. */
async function readPorts(control: Readable, sockets: readonly string[]): Promise<Map<string, number> | null> {
  const ports = new Map<string, number>();
  for await (const line of createInterface(control)) {
    const { data } = listening.safeParse(JSON.parse(line));
    if (data) ports.set(data.socket, data.port);
    if (sockets.every((socket) => ports.has(socket))) return ports;
  }
  return null;
}
