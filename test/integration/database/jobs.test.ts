import { sql } from 'drizzle-orm';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GateStanding } from '../../../shared/contracts/rpc.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { type StatementRunner, statementsOver } from '../../../shared/db/statement-runner.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { claimJob } from '../../../shared/services/claim-job.ts';
import { enqueueJob } from '../../../shared/services/enqueue-job.ts';
import { listJobs } from '../../../shared/services/list-jobs.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { saveProgress } from '../../../shared/services/save-job.ts';
import type { JobPorts } from '../../../workers/ledger/jobs/job.ts';
import { runJobs } from '../../../workers/ledger/jobs/run-jobs.ts';
import { memoryArchive } from '../../harness/memory-archive.ts';
import { NO_VAULT } from '../../harness/no-vault.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { recordedEvent } from '../../harness/request-events.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

/** Before the hours at which a day's jobs are due, and after both. */
const EARLY = new Date('2027-01-10T01:59:00Z');
const NIGHT = new Date('2027-01-10T03:00:00Z');
const NOTHING_SPENT: GateStanding = {
  ...{ spentPicoUsd: 0n, outPicoUsd: 0n, shards: 1 },
  unrecorded: { since: null, count: 0, picoUsd: 0n },
};

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let db: Database;
let statements: StatementRunner;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  db = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: database.neonEndpoint });
  statements = statementsOver(db);
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

beforeEach(async () => {
  await owner.query('delete from jobs');
});

/** A tenant with requests of November 2026, which its plan keeps no longer at `NIGHT`. */
async function tenantWithRequests(count: number): Promise<string> {
  const tenantId = crypto.randomUUID();
  await owner.query("insert into tenants (id, name, slug, region) values ($1::uuid, 'T', $1::text, 'eu')", [tenantId]);
  const random = seededRandom(3);
  await recordRequests({ db, tenantId, events: Array.from({ length: count }, (_, at) => recordedEvent(at, random)) });
  return tenantId;
}

function portsOf(change: Partial<JobPorts> = {}, lines: string[] = []): JobPorts {
  return {
    ...{ statements, archive: memoryArchive(), now: () => NIGHT, pause: async () => {} },
    logger: createLogger({ service: 'ledger', level: 'error', write: (_level, line) => lines.push(line) }),
    gate: () => ({ standing: async () => NOTHING_SPENT }),
    lookUpTxt: async () => ({ ok: true, value: [] }),
    vault: NO_VAULT,
    ...change,
  };
}

const requestCount = async (tenantId: string) =>
  Number((await owner.query('select count(*) as n from requests where tenant_id = $1', [tenantId])).rows[0].n);

/** Lets the silence pass after which a job is taken over. */
const silence = () => owner.query("update jobs set heartbeat_at = heartbeat_at - interval '3 minutes'");

describe('jobs', () => {
  it('are asked for once a day, from their hour on, by as many schedules as there are', async () => {
    await owner.query('delete from tenants where not exists (select from requests where tenant_id = tenants.id)');
    await runJobs(portsOf(), EARLY, 0);
    expect(await listJobs({ statements })).toEqual([]);
    await Promise.all([1, 2, 3].map(() => runJobs(portsOf(), NIGHT, 0)));
    const jobs = await listJobs({ statements });
    expect(
      jobs.map(({ kind, status, dueOn }) => ({ kind, status, dueOn })).toSorted((a, b) => (a.kind < b.kind ? -1 : 1)),
    ).toEqual([
      { kind: 'reconcile', status: 'queued', dueOn: '2027-01-10' },
      { kind: 'roll-off', status: 'queued', dueOn: '2027-01-10' },
    ]);
    expect(await enqueueJob({ statements, kind: 'reconcile', dueOn: '2027-01-10' })).toBeNull();
    expect(await enqueueJob({ statements, kind: 'reconcile' })).not.toBeNull();
  });

  it('go on where a run ended when its time was over, until they are done', async () => {
    const tenantId = await tenantWithRequests(30);
    const id = (await enqueueJob({ statements, kind: 'roll-off', input: { tenantId } })) ?? '';
    let time = NIGHT.getTime();
    const slowly = () => {
      time += 4_000;
      return new Date(time);
    };
    const statuses = [];
    for (let run = 0; run < 50; run++) {
      await runJobs(portsOf({ now: slowly }), EARLY, 10_000);
      const [job] = await listJobs({ statements, id });
      statuses.push(job?.status);
      if (job?.status === 'succeeded') break;
    }
    expect(statuses.length).toBeGreaterThan(2);
    expect(statuses.slice(0, -1)).toEqual(Array(statuses.length - 1).fill('queued'));
    const [job] = await listJobs({ statements, id });
    expect(job).toMatchObject({ status: 'succeeded', error: null, result: { tenants: 1, requests: 30 } });
    expect(await requestCount(tenantId)).toBe(0);
  });

  it('are killed at any point and taken over by a later run, which loses and doubles nothing', {
    timeout: 120_000,
  }, async () => {
    let points = 0;
    for (let point = 1; ; point++) {
      await owner.query('delete from jobs');
      const tenantId = await tenantWithRequests(6);
      const archive = memoryArchive();
      const id = (await enqueueJob({ statements, kind: 'roll-off', input: { tenantId } })) ?? '';
      const died = await runUntil(point, { archive });
      await silence();
      await runJobs(portsOf({ archive }), EARLY);
      const [job] = await listJobs({ statements, id });
      expect(job, `killed at ${point}`).toMatchObject({ status: 'succeeded', result: { tenants: 1 } });
      expect(await requestCount(tenantId), `killed at ${point}`).toBe(0);
      const archived = [...archive.files]
        .filter(([key]) => key.endsWith('.ndjson'))
        .flatMap(([, text]) => text.trim().split('\n'));
      expect(archived.length, `killed at ${point}`).toBe(6);
      if (!died) break;
      points = point;
    }
    expect(points).toBeGreaterThan(30);
  });

  it("are never two runs' at once: one that was taken over keeps nothing of what it does", async () => {
    const id = await enqueueJob({ statements, kind: 'reconcile' });
    const claims = await Promise.all([1, 2, 3, 4].map(() => claimJob(statements)));
    const [first, ...others] = claims.filter((job) => job !== null);
    expect(first?.id).toBe(id);
    expect(others).toEqual([]);
    if (!first) throw new Error('nobody has the job');
    await silence();
    const second = await claimJob(statements);
    if (!second) throw new Error('nobody took the job over');
    expect(await saveProgress(statements, first, { of: 'the first' })).toBeNull();
    expect(await saveProgress(statements, second, { of: 'the second' })).toMatchObject({ id });
    expect((await listJobs({ statements }))[0]?.progress).toEqual({ of: 'the second' });
  });

  it('fail after five runs without progress, with the reason, and keep no other from being done', async () => {
    await owner.query("insert into jobs (kind) values ('unheard-of')");
    const tenantId = await tenantWithRequests(3);
    await enqueueJob({ statements, kind: 'roll-off', input: { tenantId } });
    const lines: string[] = [];
    for (let run = 0; run < 7; run++) await runJobs(portsOf({}, lines), EARLY);
    const jobs = await listJobs({ statements });
    expect(jobs.find(({ kind }) => kind === 'roll-off')?.status).toBe('succeeded');
    const failed = jobs.find(({ kind }) => kind === 'unheard-of');
    expect(failed?.status).toBe('failed');
    expect(failed?.error).toMatch(/no job of the kind.*given up after 5 runs/);
    expect(lines.filter((line) => line.includes('job.step_failed'))).toHaveLength(5);
  });

  it('reconcile names a tenant whose gate cannot be asked, and goes on with the others', async () => {
    const tenantId = await tenantWithRequests(3);
    await enqueueJob({ statements, kind: 'reconcile', input: { tenantId } });
    const lines: string[] = [];
    const gate = () => ({ standing: () => Promise.reject(new Error('the object is overloaded')) });
    await runJobs(portsOf({ gate }, lines), EARLY);
    expect((await listJobs({ statements }))[0]).toMatchObject({
      status: 'succeeded',
      result: { tenants: 1, unchecked: 1, notChecked: [{ tenantId, reason: 'the object is overloaded' }] },
    });
    expect(lines.filter((line) => line.includes('ledger.not_checked'))).toHaveLength(1);
  });

  it('wait while Postgres is away, which is no attempt of theirs', async () => {
    await enqueueJob({ statements, kind: 'reconcile' });
    const away = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: database.neonEndpoint });
    const broken = { ...statementsOver(away), run: () => Promise.reject(new Error('fetch failed')) };
    await expect(runJobs(portsOf({ statements: broken }), EARLY)).rejects.toThrow('fetch failed');
    const [{ attempts } = {}] = await statements.run(sql`select attempts from jobs`);
    expect(attempts).toBe(0);
  });
});

/** Runs jobs in an isolate that dies at its nth access to what is outside. True: it did, before its work was done. */
async function runUntil(point: number, { archive }: Pick<JobPorts, 'archive'>): Promise<boolean> {
  let accesses = 0;
  let die = () => {};
  const died = new Promise<true>((resolve) => {
    die = () => resolve(true);
  });
  const access = async <T>(run: () => Promise<T>): Promise<T> => {
    accesses += 2; // odd points lie before an access, even ones behind it
    const isBefore = accesses > point;
    const result = isBefore ? null : await run();
    if (result !== null && accesses !== point) return result;
    die();
    return new Promise<never>(() => {});
  };
  const ports = portsOf({
    statements: {
      run: (statement) => access(() => statements.run(statement)),
      asTenant: (tenantId, all) => access(() => statements.asTenant(tenantId, all)),
    },
    archive: {
      put: (key, text, sha256) => access(() => archive.put(key, text, sha256)),
      get: (key) => access(() => archive.get(key)),
    },
  });
  return await Promise.race([runJobs(ports, EARLY).then(() => false), died]);
}
