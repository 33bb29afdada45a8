import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import type { Load, LoadResult } from './load.ts';

const portLine = z.object({ port: z.int().positive() });

export interface Upstream {
  readonly url: string;
  readonly pid: number;
  close(): Promise<void>;
}

/** Starts the upstream mock. It ends with this process, whose pipe it reads. */
export async function startUpstream(): Promise<Upstream> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'upstream.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { port } = portLine.parse(JSON.parse(line));
  return { url: `http://127.0.0.1:${port}`, pid: pidOf(child), close: () => end(child) };
}

/** What readers have seen. */
export interface ReadersSeen {
  /** Events that came, over all sockets; of those that did not follow the one before, each. */
  readonly deliveries: number;
  readonly gaps: number;
  readonly doubles: number;
  /** Events of other tasks than the socket watches. */
  readonly unasked: number;
  readonly closed: number;
  /** Milliseconds from an event's time to its arrival, of some sockets: how many deliveries took so long. */
  readonly latencies: readonly (readonly [ms: number, count: number])[];
}

export interface ReadersAsked {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sockets: number;
  /** Of each socket the task that it watches; absent: all read everything. */
  readonly taskIds?: readonly string[];
}

export type ReadersQuestion = ({ readonly kind: 'open' } & ReadersAsked) | { readonly kind: 'look' };

export interface EventReaders {
  look(): Promise<ReadersSeen>;
  close(): Promise<void>;
}

export interface LoadDriver {
  readonly pid: number;
  drive(load: Load): Promise<LoadResult>;
  close(): Promise<void>;
}

/** Starts the process that plays the clients. It ends with this process, whose channel it reads. */
export function startLoadDriver(): LoadDriver {
  return startDriver('load-driver.ts');
}

/** The same, for loads that come at a rate: rated-load-driver.ts. */
export function startRatedLoadDriver(): LoadDriver {
  return startDriver('rated-load-driver.ts');
}

/** Starts a process that holds many sockets to a tenant's events: event-readers.ts. Resolves when all are open. */
export async function startEventReaders(asked: ReadersAsked): Promise<EventReaders> {
  const child = fork(join(import.meta.dirname, 'event-readers.ts'));
  const ask = async (question: ReadersQuestion): Promise<ReadersSeen> => {
    child.send(question);
    const stop = new AbortController();
    const { signal } = stop;
    const ended = once(child, 'exit', { signal }).then(() => Promise.reject(new Error('the readers of events ended')));
    try {
      const [answer] = await Promise.race([once(child, 'message', { signal }), ended]);
      return answer as ReadersSeen; // it answers each question so
    } finally {
      ended.catch(() => {}); // it is stopped
      stop.abort();
    }
  };
  try {
    await ask({ kind: 'open', ...asked });
  } catch (error) {
    await end(child);
    throw error;
  }
  return { look: () => ask({ kind: 'look' }), close: () => end(child) };
}

function startDriver(file: string): LoadDriver {
  const child = fork(join(import.meta.dirname, file));
  let waiting: PromiseWithResolvers<LoadResult> | undefined;
  child.on('message', (result) => waiting?.resolve(result as LoadResult)); // it sends nothing else
  child.on('exit', () => waiting?.reject(new Error('the load driver ended')));
  return {
    pid: pidOf(child),
    drive(load) {
      waiting = Promise.withResolvers();
      child.send(load);
      return waiting.promise;
    },
    close: () => end(child),
  };
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('a process of the benchmark cannot be started');
  return pid;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
