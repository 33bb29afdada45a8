import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** The command line of a running process; empty when there is none (or only its remains), or when the system does not tell. */
export function commandLine(pid: number): string {
  if (process.platform === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    } catch {
      return '';
    }
  }
  return run('ps', '-o', 'command=', '-p', `${pid}`);
}

/**
 * Tells one process from a later one that was given the same number: its start time and command line. Empty when it
 * does not run.
 */
export function fingerprint(pid: number): string {
  const command = commandLine(pid);
  if (command === '') return '';
  if (process.platform !== 'linux') return `${run('ps', '-o', 'lstart=', '-p', `${pid}`)} ${command}`;
  try {
    // Field 22 counts from the process's name, which may itself contain spaces: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return `${fields[19]} ${command}`;
  } catch {
    return '';
  }
}

/** Signals a process if its command line contains `marker`, waits until it is gone, and kills it after `graceMs`. */
export async function endProcess(pid: number, marker: string, signal: NodeJS.Signals, graceMs: number): Promise<void> {
  const runs = () => commandLine(pid).includes(marker);
  const isGone = async (withinMs: number) => {
    for (const deadline = Date.now() + withinMs; runs(); await sleep(POLL_MS)) if (Date.now() > deadline) return false;
    return true;
  };
  const send = (name: NodeJS.Signals) => {
    try {
      if (runs()) process.kill(pid, name);
    } catch {
      // It ended in between, or is another user's and therefore not ours.
    }
  };
  send(signal);
  if (await isGone(graceMs)) return;
  send('SIGKILL');
  if (!(await isGone(2_000))) throw new Error(`Process ${pid} (${marker}) cannot be ended.`);
}

function run(command: string, ...args: string[]): string {
  return spawnSync(command, args, { encoding: 'utf8' }).stdout?.trim() ?? '';
}
