import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { leash } from '../../scripts/dev/leash.ts';

/** A server process of the benchmark, on loopback. */
export interface ServerProcess {
  readonly pid: number;
  readonly url: string;
  /** All that it has written. */
  log(): string;
  close(): Promise<void>;
}

/** A process that is to become one. */
export interface Starting extends Omit<ServerProcess, 'url'> {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
}

export interface SpawnOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** A pipe at descriptor 3, by which the program says things of itself. */
  readonly hasControl?: boolean;
}

/** Starts a server's process, which does not outlive this one. */
export async function spawnServer({ command, args, env, logFile, hasControl }: SpawnOptions): Promise<Starting> {
  const output = openSync(logFile, 'w');
  const stdio: StdioOptions = ['ignore', output, output, ...(hasControl ? (['pipe'] as const) : [])];
  const child = spawn(command, args, { stdio, ...(env ? { env: { ...process.env, ...env } } : {}) });
  closeSync(output);
  const ended = once(child, 'close');
  if (child.pid === undefined) throw new Error(`${command} cannot be run: ${await ended.catch(String)}`);
  const release = leash(`kill -KILL ${child.pid}`);
  const close = async () => {
    child.kill('SIGKILL');
    await ended;
    await release();
  };
  return { pid: child.pid, child, ended, log: () => readFileSync(logFile, 'utf8'), close };
}
