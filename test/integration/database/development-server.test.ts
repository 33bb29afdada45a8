import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withClient } from '../../../scripts/db/connection.ts';
import { startNeonBridge } from '../../../scripts/dev/neon-bridge.ts';
import { type PostgresServer, startPostgres } from '../../../scripts/dev/postgres.ts';
import { createDatabase } from '../../../shared/db/client.ts';
import { isTransient, sqlState } from '../../../shared/db/is-transient.ts';
import { findFreePort } from '../../harness/free-port.ts';

const ROOT = join(import.meta.dirname, '../../..');
const EVENTUALLY = { timeout: 20_000, interval: 50 };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eufm-test-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('startPostgres', () => {
  it('starts a killed postmaster again, with everything that was committed', async () => {
    await using server = await start({ durable: true });
    await withClient(server.url, (client) => client.query(KEEP_ROW));
    const killed = server.pid() ?? 0;
    process.kill(killed, 'SIGKILL');
    await vi.waitFor(async () => expect(await countKept(server.url)).toBe(1), EVENTUALLY);
    expect(server.pid()).not.toBe(killed);
  });

  it('ends with a process that is killed, and goes on where it was in the next', async () => {
    const { run, url } = await startInProcess();
    run.kill('SIGKILL');
    await vi.waitFor(() => expect(countKept(url)).rejects.toThrow('ECONNREFUSED'), EVENTUALLY);
    await using server = await start();
    expect(await countKept(server.url)).toBe(1);
  });

  it('takes a folder over from a server that outlived its process', async () => {
    const { run, url } = await startInProcess();
    run.kill('SIGSTOP'); // it neither ends nor answers
    try {
      await using server = await start();
      expect(server.url).not.toBe(url);
      expect(await countKept(server.url)).toBe(1);
    } finally {
      run.kill('SIGKILL');
    }
  });

  it('stops for good', async () => {
    const server = await start();
    await Promise.all([server.stop(), server.stop()]);
    expect(server.pid()).toBeUndefined();
    await expect(countKept(server.url)).rejects.toThrow('ECONNREFUSED');
  });

  it('says so when its port is taken', async () => {
    await using server = await start();
    const second = startPostgres({ dataDir: join(folder, 'second'), port: server.port, durable: false });
    await expect(second).rejects.toThrow(`PostgreSQL did not start on port ${server.port}`);
  });
});

describe('startNeonBridge', () => {
  it('tells an error of a statement from a database that is away, and serves again when it is back', async () => {
    await using server = await start();
    const bridge = await startNeonBridge({ port: 0, postgresUrl: server.url });
    try {
      const db = createDatabase({ databaseUrl: server.url, neonEndpoint: `http://127.0.0.1:${bridge.port}` });
      const run = async (text: string) => (await db.execute(sql.raw(text))).rows;
      const failure = (text: string) => run(text).then(String, (error: unknown) => error);
      expect(await run('select 1 as one')).toEqual([{ one: 1 }]);
      expect(sqlState(await failure('select 1 / 0'))).toBe('22012');
      expect(sqlState(await failure('select 1; select 2'))).toBe('42601');
      process.kill(server.pid() ?? 0, 'SIGKILL');
      expect(isTransient(await failure('select pg_sleep(60)'))).toBe(true);
      await vi.waitFor(async () => expect(await run('select 1 as one')).toEqual([{ one: 1 }]), EVENTUALLY);
    } finally {
      await bridge.close();
    }
  });
});

describe('the database commands', () => {
  it.each([
    ['no DATABASE_URL', '', 'DATABASE_URL is not set'],
    ['one that is no URL', 'localhost', 'DATABASE_URL is not a URL'],
    ['a server that is not there', 'postgres://me:secret@127.0.0.1:1/app', '127.0.0.1:1/app: connect ECONNREFUSED'],
  ])('say what is wrong in one line: %s', async (_, databaseUrl, expected) => {
    for (const command of ['migrate', 'rollback']) {
      const { code, output } = await runCommand(command, databaseUrl);
      expect(code).toBe(1);
      expect(output.trim().split('\n')).toEqual([expect.stringContaining(expected)]);
      expect(output).not.toContain('secret');
    }
  });

  it('say what they did', async () => {
    await using server = await start();
    const run = async (command: string, ...args: string[]) => (await runCommand(command, server.url, ...args)).output;
    expect(await run('migrate')).toMatch(/^applied 0001_tenancy\n(applied .*\n)+added price version /);
    expect(await run('migrate')).toMatch(/^no migration to apply\nkept price version /);
    expect(await run('rollback')).toMatch(/^rolled back \S+\n$/);
    expect(await run('rollback', 'all')).toMatch(/rolled back 0001_tenancy\n$/);
    expect(await run('rollback')).toBe('no migration to roll back\n');
    expect(await run('rollback', 'some')).toContain('"some" is neither a number of migrations nor "all"');
  });
});

const KEEP_ROW = 'create table kept (); insert into kept default values';

type Running = PostgresServer & AsyncDisposable;

async function start({ durable = false } = {}): Promise<Running> {
  const server = await startPostgres({ dataDir: join(folder, 'data'), port: await findFreePort(), durable });
  return { ...server, [Symbol.asyncDispose]: () => server.stop() };
}

/** A server, with a row in it, that another process started. */
async function startInProcess(): Promise<{ run: ChildProcess; url: string }> {
  const script = join(folder, 'run.ts');
  const source = (file: string) => JSON.stringify(join(ROOT, file));
  writeFileSync(
    script,
    `import { startPostgres } from ${source('scripts/dev/postgres.ts')};
     import { withClient } from ${source('scripts/db/connection.ts')};
     const [dataDir, port] = process.argv.slice(2);
     const server = await startPostgres({ dataDir, port: Number(port), durable: false });
     await withClient(server.url, (client) => client.query(${JSON.stringify(KEEP_ROW)}));
     console.log(server.url);`,
  );
  const run = spawn(process.execPath, [script, join(folder, 'data'), `${await findFreePort()}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await once(run.stdout, 'data');
  return { run, url: String(output).trim() };
}

async function countKept(url: string): Promise<number | null> {
  return withClient(url, async (client) => (await client.query('select from kept')).rowCount);
}

async function runCommand(name: string, databaseUrl: string, ...args: string[]) {
  const command = spawn(process.execPath, [join(ROOT, `scripts/db/${name}-cli.ts`), ...args], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl },
  });
  let output = '';
  for (const stream of [command.stdout, command.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(command, 'close');
  return { code: code as number | null, output };
}
