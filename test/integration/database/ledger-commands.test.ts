import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARCHIVE } from '../../../scripts/ledger/archive.ts';
import { JOBS } from '../../../scripts/ledger/jobs.ts';
import { REBUILD } from '../../../scripts/ledger/rebuild.ts';
import type { LedgerCommand } from '../../../scripts/ledger/run-command.ts';
import { statementsOn } from '../../../scripts/ledger/statements-on.ts';
import { VERIFY } from '../../../scripts/ledger/verify.ts';
import { createDatabase } from '../../../shared/db/client.ts';
import { statementsOver } from '../../../shared/db/statement-runner.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { runJobs } from '../../../workers/ledger/jobs/run-jobs.ts';
import { memoryArchive } from '../../harness/memory-archive.ts';
import { NO_VAULT } from '../../harness/no-vault.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { recordedEvent } from '../../harness/request-events.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

const NOT_YET = new Date('2026-11-22T00:30:00Z');

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let tenantId: string;
let spentPicoUsd = 0n;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  tenantId = crypto.randomUUID();
  await owner.query("insert into tenants (id, name, slug, region) values ($1::uuid, 'T', $1::text, 'eu')", [tenantId]);
  const events = Array.from({ length: 20 }, (_, at) => recordedEvent(at, seededRandom(at)));
  spentPicoUsd = events.reduce((sum, { costPicoUsd }) => sum + BigInt(costPicoUsd), 0n);
  await recordRequests({ db: overHttp(), tenantId, events });
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

const overHttp = () => createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: database.neonEndpoint });

/** Runs a command as its process would; answers its exit code and what it printed. */
async function run(command: LedgerCommand, args: readonly string[], as = owner) {
  const lines: string[] = [];
  const work = command.read(args);
  if (work === 'help') return { code: 0, lines: [command.help] };
  const code = await work(statementsOn(as), (line) => lines.push(line));
  return { code, lines };
}

/** The ledger's schedule, with gates that counted so much. */
const schedule = (spent: bigint, now = NOT_YET) =>
  runJobs(
    {
      ...{ statements: statementsOver(overHttp()), archive, pause: async () => {}, now: () => now },
      lookUpTxt: async () => ({ ok: true, value: [] }),
      logger: createLogger({ service: 'ledger', level: 'error', write: () => {} }),
      vault: NO_VAULT,
      gate: () => ({
        standing: async () => ({
          ...{ spentPicoUsd: spent, outPicoUsd: 0n, shards: 1 },
          unrecorded: { since: null, count: 0, picoUsd: 0n },
        }),
      }),
    },
    NOT_YET,
  );
const archive = memoryArchive();

/** A command that waits for the ledger, which comes when the command has asked. */
async function runBeside(command: LedgerCommand, args: readonly string[], beside: () => Promise<void>) {
  const running = run(command, args);
  let isOver = false;
  void running.finally(() => {
    isOver = true;
  });
  while (!isOver) await beside();
  return await running;
}

describe('ledger:verify and ledger:rebuild', () => {
  it('end with 0 where all is equal, and say that gates were left out', async () => {
    expect(await run(VERIFY, ['--no-gates'])).toEqual({
      code: 0,
      lines: ['20 requests of 1 tenants compared with their sums and postings', 'gates: left out'],
    });
  });

  it('ask the gates through a job, and tell what differs there', async () => {
    const equal = await runBeside(VERIFY, [], () => schedule(spentPicoUsd));
    expect(equal).toMatchObject({ code: 0 });
    expect(equal.lines.at(-1)).toBe(
      'gates of 1 tenants: 1 equal, 0 within what is on its way, 0 different, 0 not checked',
    );
    const less = await runBeside(VERIFY, ['--tenant', tenantId], () => schedule(spentPicoUsd - 1n));
    expect(less.code).toBe(1);
    expect(less.lines.filter((line) => line.startsWith(`DIFFERENCE ${tenantId} gate cost_usd`))).toHaveLength(1);
  });

  it('end with 1 and name a difference, until it is rebuilt', async () => {
    await owner.query("update usage_aggregates set value = value + 1 where unit = 'tokens'");
    const differs = await run(VERIFY, ['--no-gates', '--tenant', tenantId]);
    expect(differs.code).toBe(1);
    expect(differs.lines[0]).toMatch(
      new RegExp(`^DIFFERENCE ${tenantId} usage .* tokens .*: expected \\d+, found \\d+$`),
    );
    const of = (day: string) => run(VERIFY, ['--no-gates', '--from', day, '--to', day]);
    expect((await of('2026-11-01')).code).toBe(1);
    expect((await of('2026-10-01')).code).toBe(0);
    expect(await run(REBUILD, ['--from', '2026-11-01', '--to', '2026-11-01'])).toEqual({
      code: 0,
      lines: [`${tenantId}: rebuilt; 0 postings added, 0 adjusted`],
    });
    expect((await of('2026-11-01')).code).toBe(0);
    expect((await of('2026-11-02')).code).toBe(1);
    await run(REBUILD, []);
    expect((await run(VERIFY, ['--no-gates'])).code).toBe(0);
  });

  it('do not take a role that sees no tenant for one that found nothing', async () => {
    const app = new pg.Client({ connectionString: database.appUrl });
    await app.connect();
    await expect(run(VERIFY, ['--no-gates'], app)).rejects.toThrow('sees no tenant');
    await app.end();
  });

  it.each([
    [['--tenant', 'me'], 'not the id of a tenant'],
    [['--from', 'yesterday'], 'not a day'],
    [['--everything'], "Unknown option '--everything'"],
  ])('say what is wrong with %j', (args, what) => {
    expect(() => VERIFY.read(args)).toThrow(what);
    expect(() => REBUILD.read(args)).toThrow(what);
  });
});

it('ledger:jobs follows a job, and ledger:archive shows and verifies what it did', async () => {
  expect((await run(ARCHIVE, ['--tenant', tenantId])).lines).toEqual(['nothing was rolled off']);
  const later = new Date('2026-12-15T00:30:00Z');
  const rolledOff = await runBeside(JOBS, ['--run', 'roll-off', '--tenant', tenantId], () => schedule(0n, later));
  expect(rolledOff.code).toBe(0);
  expect(rolledOff.lines.at(-1)).toMatch(/roll-off {2}asked for {2}succeeded .*"requests":20/);
  const days = await run(ARCHIVE, ['--tenant', tenantId]);
  expect(days.lines).toHaveLength(2);
  expect(days.lines.at(-1)).toMatch(/^2026-11-01 {2}requests {2}done {2}\d+ rows {2}1 files$/);
  const verify = () => runBeside(ARCHIVE, ['--tenant', tenantId, '--verify', '2026-11-01'], () => schedule(0n));
  expect(await verify()).toMatchObject({ code: 0 });
  archive.files.delete(`requests/${tenantId}/2026-11-01/1.ndjson`);
  expect(await verify()).toMatchObject({ code: 1 });
  expect((await run(JOBS, [])).lines.length).toBeGreaterThan(2);
  expect(() => JOBS.read(['--run', 'dance'])).toThrow('not one of');
});
