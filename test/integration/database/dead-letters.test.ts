import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEAD_LETTERS_HELP, readDeadLettersCommand, runDeadLetters } from '../../../scripts/ledger/dead-letters.ts';
import type { LedgerBatch, RequestRecorded } from '../../../shared/contracts/queues.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { getDeadLetter } from '../../../shared/services/get-dead-letter.ts';
import { recordDeadLetter } from '../../../shared/services/record-dead-letter.ts';
import { replayDeadLetter } from '../../../shared/services/replay-dead-letter.ts';
import { ledgerOf, storedLedger } from '../../harness/ledger-truth.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { recordedEvent } from '../../harness/request-events.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

const CLI = 'scripts/ledger/dead-letters-cli.ts';
const NO_SUCH = '00000000-0000-4000-8000-000000000000';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let db: Database;
let tenantId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  db = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: database.neonEndpoint });
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

beforeEach(async () => {
  await owner.query('delete from dead_letters');
  tenantId = crypto.randomUUID();
  await mintTenant(tenantId);
});

const event = (at = 1) => recordedEvent(at, seededRandom(at));

const batchOf = (tenantId: string, ...events: RequestRecorded[]): LedgerBatch => ({
  ...{ type: 'ledger.batch', v: 2, tenantId, shard: 0 },
  rows: events.map((recorded, index) => ({ sequence: index + 1, events: JSON.stringify([recorded]) })),
});

describe('replaying a dead letter', () => {
  it('records what it carries, once, and keeps it with the time of its replay', async () => {
    const recorded = event();
    const id = await keep(batchOf(tenantId, recorded));
    expect(await replayDeadLetter({ db, id })).toEqual({ ok: true, value: 1 });
    expect(await stored()).toEqual(ledgerOf([recorded]));
    expect(await getDeadLetter({ db, id })).toMatchObject({ replayCount: 1, replayedAt: expect.any(Date) });
    expect(await replayDeadLetter({ db, id })).toEqual({ ok: true, value: 1 });
    expect(await stored()).toEqual(ledgerOf([recorded]));
    expect(await getDeadLetter({ db, id })).toMatchObject({ replayCount: 2 });
  });

  it.each<[string, (tenantId: string) => unknown, string]>([
    ['is no batch', () => ({ type: 'nonsense' }), 'ledger.batch'],
    [
      'has a row that is not JSON',
      (tenantId) => ({ ...batchOf(tenantId), rows: [{ sequence: 1, events: '[' }] }),
      'not JSON',
    ],
    [
      'has an event that cannot be read',
      (tenantId) => ({ ...batchOf(tenantId), rows: [{ sequence: 1, events: '[{"type":"gift"}]' }] }),
      'type',
    ],
  ])('says why one that %s stays as it is', async (_, payload, reason) => {
    const id = await keep(payload(tenantId));
    expect(await replayDeadLetter({ db, id })).toMatchObject({
      ...{ ok: false, error: { reason: 'unreadable', detail: expect.stringContaining(reason) } },
    });
    expect(await getDeadLetter({ db, id })).toMatchObject({ replayCount: 0, replayedAt: null });
  });

  it('says what the database refuses, in its words and without what it carries, until the cause is gone', async () => {
    const missing = crypto.randomUUID();
    const recorded = { ...event(), metadata: { note: 'private' } };
    const id = await keep(batchOf(missing, recorded), missing);
    const refused = await replayDeadLetter({ db, id });
    expect(refused).toMatchObject({
      ok: false,
      error: { reason: 'refused', detail: expect.stringContaining('tenant') },
    });
    expect(JSON.stringify(refused)).not.toContain('private');
    await mintTenant(missing);
    expect(await replayDeadLetter({ db, id })).toEqual({ ok: true, value: 1 });
    expect(await stored(missing)).toEqual(ledgerOf([recorded]));
  });

  it('rejects, and marks nothing, while the database is away', async () => {
    const id = await keep(batchOf(tenantId, event()));
    const away = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: 'http://127.0.0.1:9' });
    await expect(replayDeadLetter({ db: away, id })).rejects.toThrow();
    createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: database.neonEndpoint });
    expect(await getDeadLetter({ db, id })).toMatchObject({ replayedAt: null });
  });

  it('F8: nobody of the Workers can delete one of a tenant that stays or of none, or change what one carries', async () => {
    await keep({ type: 'nonsense' });
    await keep(batchOf(tenantId, event()), tenantId);
    const ledger = new pg.Client({ connectionString: database.ledgerUrl });
    await ledger.connect();
    for (const statement of [`update dead_letters set payload = '{}'`, 'truncate dead_letters'])
      await expect(ledger.query(statement)).rejects.toThrow('permission denied');
    await ledger.query(`select set_config('app.tenant', $1, false)`, [tenantId]);
    const remove = async () => (await ledger.query('delete from dead_letters')).rowCount;
    expect(await remove()).toBe(0);
    const leave = `update tenants set status = 'deleting', erase_after = now() + $2::interval where id = $1`;
    await owner.query(leave, [tenantId, '1 hour']);
    expect(await remove()).toBe(0);
    await owner.query(leave, [tenantId, '-1 second']);
    expect(await remove(), 'control: that of a tenant that is erased can go').toBe(1);
    await ledger.end();
    expect((await owner.query('select subject_tenant from dead_letters')).rows).toEqual([{ subject_tenant: null }]);
  });

  it('knows when there is none', async () => {
    expect(await replayDeadLetter({ db, id: NO_SUCH })).toMatchObject({ ok: false, error: { reason: 'absent' } });
  });
});

describe('npm run ledger:dead-letters', () => {
  it('lists, shows and replays', async () => {
    const recorded = [event(1), event(2)];
    const readable: string[] = [];
    for (const each of recorded) readable.push(await keep(batchOf(tenantId, each), tenantId));
    const unreadable = await keep({ type: 'nonsense' }, null, 'ledger-eu');
    const { lines: all } = await ask();
    expect(all.map((line) => line.split('  ')[0])).toEqual([unreadable, ...readable.toReversed()]);
    expect(all[0]).toContain('ledger-eu  no tenant  open  because');
    expect((await ask('--queue', 'ledger-eu')).lines).toHaveLength(1);
    expect((await ask('--tenant', tenantId)).lines).toHaveLength(2);
    expect((await ask('--limit', '1')).lines).toHaveLength(1);
    expect((await ask('--tenant', NO_SUCH)).lines).toEqual(['no dead letters']);
    const shown = await ask('show', unreadable);
    expect(JSON.parse(shown.lines.join('\n'))).toMatchObject({ id: unreadable, payload: { type: 'nonsense' } });
    expect(await ask('show', NO_SUCH)).toEqual({ isDone: false, lines: [`${NO_SUCH}: there is no such dead letter`] });

    const one = await ask('replay', readable[0] ?? '');
    expect(one).toEqual({ isDone: true, lines: [`${readable[0]}: replayed, 1 events`] });
    const rest = await ask('replay', '--all');
    expect(rest.isDone).toBe(false);
    expect(rest.lines[0]).toBe(`${readable[1]}: replayed, 1 events`);
    expect(rest.lines[1]).toContain(`${unreadable}: not replayed, unreadable: `);
    expect(rest.lines[2]).toBe('1 of 2 replayed');
    expect(await stored()).toEqual(ledgerOf(recorded));
    expect((await ask('--open')).lines.map((line) => line.split('  ')[0])).toEqual([unreadable]);
    expect((await owner.query('select from dead_letters')).rowCount).toBe(3);
  });

  it.each([
    ['open', 'replayed', 1],
    ['dropped', 'dropped', 1],
    ['replaying', 'replayed', 0], // its tenant asked, which is an entry already
  ])('has the tenant’s log tell of the replay of one that is %s, once', async (status, after, entries) => {
    const id = await keep(batchOf(tenantId, event()), tenantId);
    const { rows } = await owner.query('update tenant_dead_letters set status = $2 where tenant_id = $1 returning id', [
      tenantId,
      status,
    ]);
    for (let time = 1; time <= 2; time++) expect(await ask('replay', id)).toMatchObject({ isDone: true });
    expect((await owner.query('select status from tenant_dead_letters where tenant_id = $1', [tenantId])).rows).toEqual(
      [{ status: after }],
    );
    expect(await replaysTold()).toEqual(
      Array(entries).fill({
        ...{ target_id: rows[0].id, actor_user_id: null, actor_api_key_id: null },
        metadata: { by: 'operator', kind: 'message', subjectId: id },
      }),
    );
  });

  it('control: a replay that came to nothing is not told of', async () => {
    const id = await keep({ ...batchOf(tenantId), rows: [{ sequence: 1, events: '[' }] }, tenantId);
    expect(await ask('replay', id)).toMatchObject({ isDone: false });
    expect(await replaysTold()).toEqual([]);
  });

  it('works as the ledger and as the owner', async () => {
    const id = await keep(batchOf(tenantId, event()), tenantId);
    for (const url of [database.ledgerUrl, database.url]) {
      expect(await run(url, 'replay', id)).toEqual({ code: 0, lines: [`${id}: replayed, 1 events`], errors: '' });
    }
    expect((await stored()).requests).toHaveLength(1);
    expect(await run(database.ledgerUrl, 'show', NO_SUCH)).toMatchObject({ code: 1 });
  });

  it('tells in one line what is wrong', async () => {
    const wrong = await run(database.ledgerUrl, 'replay', 'x');
    expect(wrong).toEqual({ code: 1, lines: [], errors: '"x" is not the id of a dead letter\n' });
    const away = await run('postgres://eufm_ledger:secret@127.0.0.1:9/eufm', 'list');
    expect(away).toMatchObject({ code: 1, lines: [] });
    expect(away.errors).toContain('127.0.0.1:9/eufm: ');
    expect(away.errors).not.toContain('secret');
    expect((await run('', '--help')).lines.join('\n')).toBe(DEAD_LETTERS_HELP);
  });

  it.each([
    [['list'], { name: 'list', filter: {}, limit: 20 }],
    [['--open', '--limit', '3'], { name: 'list', filter: { isOpen: true }, limit: 3 }],
    [['replay', '--all', '--queue', 'q'], { name: 'replay-all', filter: { queue: 'q' } }],
    [['replay', NO_SUCH], { name: 'replay', id: NO_SUCH }],
    [['show', '--help'], 'help'],
  ])('reads %j', (args, command) => {
    expect(readDeadLettersCommand(args)).toEqual(command);
  });

  it.each([
    [['drop'], '"drop" is not a command'],
    [['replay'], 'replay needs the id of a dead letter, or --all'],
    [['replay', NO_SUCH, '--all'], 'either an id or --all'],
    [['show'], 'show needs the id'],
    [['--limit', '0'], '--limit 0'],
    [['list', 'a', 'b'], '"b" is one word too many'],
    [['--gone'], '--gone'],
  ])('refuses %j', (args, message) => {
    expect(() => readDeadLettersCommand(args)).toThrow(message);
  });
});

async function keep(payload: unknown, subject: string | null = null, queue = 'ledger'): Promise<string> {
  const messageId = crypto.randomUUID();
  await recordDeadLetter({ db, tenantId: subject, queue, messageId, payload, error: 'because\nof this' });
  const { rows } = await owner.query<{ id: string }>('select id from dead_letters where message_id = $1', [messageId]);
  return rows[0]?.id ?? '';
}

/** Runs a command in this process: what it printed, and if it succeeded. */
async function ask(...args: string[]) {
  const command = readDeadLettersCommand(args);
  if (command === 'help') throw new Error('not a command for the database');
  const lines: string[] = [];
  const isDone = await runDeadLetters(db, command, (line) => lines.push(line));
  return { isDone, lines };
}

/** Runs a command as an operator does. */
async function run(databaseUrl: string, ...args: string[]) {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [CLI, ...args], { env });
    return { code: 0, lines: stdout.trimEnd().split('\n'), errors: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, lines: stdout === '' ? [] : stdout.trimEnd().split('\n'), errors: stderr };
  }
}

async function mintTenant(id: string): Promise<void> {
  await owner.query(`insert into tenants (id, name, slug, region) values ($1::uuid, 'Test', $1::text, 'eu')`, [id]);
}

const replaysTold = async () =>
  (
    await owner.query(
      `select target_id, actor_user_id, actor_api_key_id, metadata from audit_logs
       where tenant_id = $1 and action = 'dead_letter.replayed'`,
      [tenantId],
    )
  ).rows;

const stored = (id = tenantId) => storedLedger(async (text, values) => (await owner.query(text, values)).rows, id);
