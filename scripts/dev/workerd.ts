import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { endProcess } from './processes.ts';

/**
 * Stands in for workerd and becomes it, unless the link to it is gone. Notes the process id, which Miniflare keeps to
 * itself, and leaves signals that a terminal sends to everyone in it to the start script, which ends workerd in order.
 */
const LAUNCHER = `#!/bin/sh
cd "\${0%/*}" && [ -e workerd ] || exit 0
trap '' INT HUP
echo $$ > workerd.pid
exec "$PWD/workerd" "$@"
`;

export interface Workerd {
  /** The program to run in place of workerd. */
  readonly launcher: string;
  /** Shell command that kills the process. */
  readonly killCommand: string;
  /** Lets requests in flight finish for up to `graceMs`, then kills. The launcher starts no other. */
  end(graceMs: number): Promise<void>;
}

/**
 * Prepares a folder to run one workerd from. Started through a link in that folder, it is recognisable by its command
 * line: one that an earlier run left behind is ended first.
 */
export async function prepareWorkerd(runDir: string): Promise<Workerd> {
  const launcher = join(runDir, 'launch-workerd');
  const binary = join(runDir, 'workerd');
  const pidFile = join(runDir, 'workerd.pid');
  const workerd: Workerd = {
    launcher,
    killCommand: `kill -KILL "$(cat '${pidFile.replaceAll("'", `'\\''`)}')"`,
    async end(graceMs) {
      rmSync(binary, { force: true });
      const pid = existsSync(pidFile) ? Number.parseInt(readFileSync(pidFile, 'utf8'), 10) : 0;
      if (pid > 0) await endProcess(pid, binary, 'SIGTERM', graceMs);
      rmSync(pidFile, { force: true });
    },
  };
  await workerd.end(0);
  mkdirSync(runDir, { recursive: true });
  writeFileSync(launcher, LAUNCHER);
  chmodSync(launcher, 0o755);
  symlinkSync(createRequire(import.meta.resolve('miniflare'))('workerd').default, binary);
  return workerd;
}
