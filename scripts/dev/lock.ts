import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fingerprint } from './processes.ts';

const RETRY_MS = 100;
/** How long to wait for a start that is just stopping. */
const PATIENCE_MS = 5_000;

interface Holder {
  readonly pid: number;
  readonly fingerprint: string;
  readonly url: string;
}

/** The start that runs from an `.eufm` folder, if any. The lock of one that was killed does not count. */
export function findHolder(directory: string): { readonly pid: number; readonly url: string } | null {
  let holder: Holder;
  try {
    holder = JSON.parse(readFileSync(join(directory, 'lock.json'), 'utf8'));
  } catch {
    return null;
  }
  return holder.fingerprint !== '' && fingerprint(holder.pid) === holder.fingerprint ? holder : null;
}

/** Takes an `.eufm` folder for this process, and makes it when missing. Answers the way to give it back. */
export async function lockDirectory(directory: string, url: string): Promise<() => void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'lock.json');
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(RETRY_MS)) {
    const holder = findHolder(directory);
    if (!holder) break;
    if (Date.now() > deadline) {
      throw new Error(
        `The product already runs from ${directory}: process ${holder.pid}, ${holder.url}.\n` +
          'Stop it first, or run a second copy beside it: EUFM_DIR=/tmp/eufm-2 PORT=8788 npm start',
      );
    }
  }
  rmSync(file, { force: true });
  const self: Holder = { pid: process.pid, fingerprint: fingerprint(process.pid), url };
  writeFileSync(file, JSON.stringify(self), { flag: 'wx' }); // of two that got here at once, one fails
  return () => rmSync(file, { force: true });
}
