import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { leash } from './leash.ts';
import { createCluster, locateBinaries, openHome } from './postgres-home.ts';

const READY_TIMEOUT_MS = 30_000;
const RESTART_DELAY_MS = 1_000;
const STOP_TIMEOUT_MS = 15_000;
const DATABASE = 'eufm';

export interface PostgresOptions {
  /** Folder that holds the cluster and its superuser's password; created when missing. */
  readonly dataDir: string;
  readonly port: number;
  /** False trades crash safety for speed: for tests only. */
  readonly durable?: boolean;
  readonly log?: (line: string) => void;
}

export interface PostgresServer {
  /** Connection string of the superuser; it contains a password made for this data folder. */
  readonly url: string;
  readonly port: number;
  /** Process id of the postmaster; undefined while it is down. */
  pid(): number | undefined;
  /** Fast shutdown: sessions are ended, everything committed is kept. */
  stop(): Promise<void>;
}

/**
 * Runs the bundled PostgreSQL on loopback and keeps it running: a postmaster that dies is started again. It stops with
 * this process, even when that is killed. Recovers a data folder that an earlier run left behind in any state. Run by
 * root it becomes the folder's owner or `nobody`, since PostgreSQL refuses root. Not meant for production.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { port, durable = true, log = () => {} } = options;
  const home = openHome(options.dataDir);
  const bin = await locateBinaries(home.user !== undefined);
  const password = createCluster(home, bin, durable);
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/${DATABASE}`;
  const settings = [
    ['listen_addresses', '127.0.0.1'],
    ['unix_socket_directories', ''],
    ['max_connections', '200'],
    ['client_connection_check_interval', '1s'],
    ...(durable ? [] : ['fsync', 'synchronous_commit', 'full_page_writes'].map((name) => [name, 'off'])),
  ].flatMap(([name, value]) => ['-c', `${name}=${value}`]);

  let child: ChildProcess | undefined;
  let stopping = false;
  let restart: NodeJS.Timeout | undefined;

  const launch = async (): Promise<void> => {
    await stopOrphan(join(home.path, 'cluster'));
    if (stopping) return;
    const recent: string[] = [];
    // A session of its own: Ctrl-C in the terminal is for us, who then stop it in order.
    const postmaster = spawn(
      join(bin, 'postgres'),
      ['-D', `${home.seenByServer}/cluster`, '-p', `${port}`, ...settings],
      {
        ...home.user,
        cwd: '/',
        detached: true,
        env: { ...process.env, LC_ALL: 'C' },
        stdio: ['ignore', 'ignore', 'pipe', home.fd],
      },
    );
    child = postmaster;
    const release = postmaster.pid === undefined ? async () => {} : leash(`kill -INT ${postmaster.pid}`);
    const ended = once(postmaster, 'close').catch((error: Error) => {
      recent.push(error.message);
    });
    void ended.then(() => {
      child = undefined;
      void release();
    });
    if (postmaster.stderr) {
      createInterface(postmaster.stderr).on('line', (line) => {
        recent.splice(0, recent.length - 20);
        recent.push(line);
        log(line);
      });
    }
    try {
      await waitUntilReady(url, () => child !== postmaster || stopping);
    } catch (error) {
      postmaster.kill('SIGINT');
      await ended;
      throw new Error(`PostgreSQL did not start on port ${port}: ${(error as Error).message}\n${recent.join('\n')}`);
    }
    void ended.then(() => {
      if (!stopping) {
        log('the postmaster is gone; starting it again');
        relaunch();
      }
    });
  };
  const relaunch = (): void => {
    restart = setTimeout(() => {
      launch().catch((error: Error) => {
        log(error.message);
        if (!stopping) relaunch();
      });
    }, RESTART_DELAY_MS);
  };

  const shutDown = async (): Promise<void> => {
    stopping = true;
    clearTimeout(restart);
    const postmaster = child;
    if (postmaster) {
      const closed = once(postmaster, 'close');
      const impatience = setTimeout(() => postmaster.kill('SIGQUIT'), STOP_TIMEOUT_MS);
      postmaster.kill('SIGINT');
      await closed;
      clearTimeout(impatience);
    }
    home.close();
  };

  for (const deadline = Date.now() + READY_TIMEOUT_MS; ; await sleep(RESTART_DELAY_MS)) {
    try {
      await launch();
      break;
    } catch (error) {
      // A killed postmaster's children notice within moments; until then they keep the cluster's shared memory.
      if (!String(error).includes('shared memory block') || Date.now() > deadline) throw error;
    }
  }
  let stopped: Promise<void> | undefined;
  return {
    url,
    port,
    pid: () => (child?.exitCode === null && child.signalCode === null ? child.pid : undefined),
    stop: () => {
      stopped ??= shutDown();
      return stopped;
    },
  };
}

/**
 * Stops a postmaster that outlived the run that started it. A lock whose process is gone is left to PostgreSQL, which
 * checks for surviving children; only one whose number now belongs to something else is removed.
 */
async function stopOrphan(cluster: string): Promise<void> {
  const lock = join(cluster, 'postmaster.pid');
  const pid = existsSync(lock) ? Number.parseInt(readFileSync(lock, 'utf8'), 10) : 0;
  if (!(pid > 0)) return;
  const deadline = Date.now() + READY_TIMEOUT_MS;
  if (isPostmasterOf(cluster, pid)) signal(pid, 'SIGINT');
  else if (signal(pid, 0)) rmSync(lock, { force: true });
  while (isPostmasterOf(cluster, pid)) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL ${pid} still runs in ${cluster} and does not stop`);
    await sleep(50);
  }
}

/** False when there is no such process, or none of ours. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** True only for the server of this very cluster: after a reboot its number may be another process's. */
function isPostmasterOf(cluster: string, pid: number): boolean {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === cluster;
    return spawnSync('ps', ['-o', 'command=', '-p', `${pid}`], { encoding: 'utf8' }).stdout.includes(cluster);
  } catch {
    return false;
  }
}

async function waitUntilReady(url: string, isOver: () => boolean): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  for (;;) {
    if (isOver()) throw new Error('it ended');
    const client = new pg.Client({ connectionString: maintenance.href, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
      if (rowCount === 0) await client.query(`create database ${DATABASE}`);
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      const isStarting = code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === '57P03';
      if (!isStarting || Date.now() > deadline) throw error;
      await sleep(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
}
