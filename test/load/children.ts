import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import type { Load, LoadResult } from './load-driver.ts';

const portLine = z.object({ port: z.int().positive() });

/** Starts the upstream mock. It ends with this process, whose pipe it reads. */
export async function startUpstream(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'upstream.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { port } = portLine.parse(JSON.parse(line));
  return { url: `http://127.0.0.1:${port}`, close: () => end(child) };
}

export interface LoadDriver {
  drive(load: Load): Promise<LoadResult>;
  close(): Promise<void>;
}

/** Starts the process that plays the clients. It ends with this process, whose channel it reads. */
export function startLoadDriver(): LoadDriver {
  const child = fork(join(import.meta.dirname, 'load-driver.ts'));
  let waiting: PromiseWithResolvers<LoadResult> | undefined;
  child.on('message', (result) => waiting?.resolve(result as LoadResult)); // it sends nothing else
  child.on('exit', () => waiting?.reject(new Error('the load driver ended')));
  return {
    drive(load) {
      waiting = Promise.withResolvers();
      child.send(load);
      return waiting.promise;
    },
    close: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
