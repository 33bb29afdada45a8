import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestRecorded } from '../../../shared/contracts/queues.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { type StatementRunner, statementsOver } from '../../../shared/db/statement-runner.ts';
import type { ArchiveStore } from '../../../shared/services/archive-store.ts';
import { listLedgerPeriods } from '../../../shared/services/list-ledger-periods.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { rollOffHours } from '../../../shared/services/roll-off-hours.ts';
import { rollOffRequests } from '../../../shared/services/roll-off-requests.ts';
import { verifyArchive } from '../../../shared/services/verify-archive.ts';
import { verifyLedger } from '../../../shared/services/verify-ledger.ts';
import { memoryArchive } from '../../harness/memory-archive.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { correctedEvent, recordedEvent } from '../../harness/request-events.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

const DAY_MS = 86_400_000;
const ROWS_PER_PART = 7;

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

/** A tenant whose plan keeps requests for 30 days, with requests on two days (the first of November 2026 and the next). */
async function tenantWithRequests(count: number, plan = 'starter') {
  const tenantId = crypto.randomUUID();
  await owner.query("insert into tenants (id, name, slug, region, plan) values ($1::uuid, 'T', $1::text, 'eu', $2)", [
    tenantId,
    plan,
  ]);
  const random = seededRandom(3);
  const events = Array.from({ length: count }, (_, at) => recordedEvent(at, random));
  await record(tenantId, events);
  await record(
    tenantId,
    events.slice(0, 3).map((event) => correctedEvent(event, { inputTokens: 1 }, '5')),
  );
  return { tenantId, events };
}

const record = (tenantId: string, events: readonly RequestRecorded[]) => recordRequests({ db, tenantId, events });

/** The time at which requests of the first day are the only ones that are too old. */
const WHEN_FIRST_IS_OLD = new Date(Date.UTC(2026, 10, 2) + 30 * DAY_MS);
const WHEN_BOTH_ARE_OLD = new Date(WHEN_FIRST_IS_OLD.getTime() + DAY_MS);

interface Means {
  readonly statements: StatementRunner;
  readonly archive: ArchiveStore;
}

async function rollOff(tenantId: string, now: Date, { statements, archive }: Means): Promise<number> {
  for (let deleted = 0; ; ) {
    const step = await rollOffRequests({ statements, archive, tenantId, now, rowsPerPart: ROWS_PER_PART });
    if (step.day === null) return deleted;
    deleted += step.deleted;
  }
}

const count = async (table: 'requests' | 'request_events' | 'usage_aggregates', tenantId: string, more = 'true') =>
  Number(
    (await owner.query(`select count(*) as n from ${table} where tenant_id = $1 and ${more}`, [tenantId])).rows[0].n,
  );

async function differences(tenantId: string) {
  const periods = await listLedgerPeriods({ statements, tenantId, requestsPerPeriod: 1_000 });
  const found = await Promise.all(periods.map((period) => verifyLedger({ statements, tenantId, ...period })));
  return found.flatMap(({ differences }) => differences);
}

const archivedIds = (files: Map<string, string>, key: RegExp) =>
  [...files]
    .filter(([name]) => key.test(name))
    .flatMap(([, text]) => text.trim().split('\n'))
    .map((line): string => JSON.parse(line).id)
    .sort();

const idsOf = (events: readonly RequestRecorded[]) => events.map(({ requestId }) => requestId).sort();
const isOfFirstDay = ({ startedAt }: RequestRecorded) => startedAt < Date.UTC(2026, 10, 2);
const FIRST_DAY = '2026-11-01';
const SECOND_DAY = '2026-11-02';

describe('the roll-off of requests', () => {
  it('lets the days go that the plan no longer keeps, archived, and keeps the sums', async () => {
    const { tenantId, events } = await tenantWithRequests(60);
    const archive = memoryArchive();
    const sums = await count('usage_aggregates', tenantId);
    const old = events.filter(isOfFirstDay);
    expect(await rollOff(tenantId, new Date(WHEN_FIRST_IS_OLD.getTime() - 1), { statements, archive })).toBe(0);
    expect(archive.files.size).toBe(0);

    expect(await rollOff(tenantId, WHEN_FIRST_IS_OLD, { statements, archive })).toBe(old.length);
    expect(await count('requests', tenantId)).toBe(60 - old.length);
    expect(await count('usage_aggregates', tenantId)).toBe(sums);
    expect(archivedIds(archive.files, /ndjson$/)).toEqual(idsOf(old));
    expect(await differences(tenantId)).toEqual([]);

    expect(await rollOff(tenantId, WHEN_BOTH_ARE_OLD, { statements, archive })).toBe(60 - old.length);
    expect(await count('requests', tenantId)).toBe(0);
    expect(await count('request_events', tenantId)).toBe(0);
    for (const day of [FIRST_DAY, SECOND_DAY])
      expect(await verifyArchive({ statements, archive, tenantId, day })).toEqual([]);
    const lines = [...archive.files]
      .filter(([key]) => key.endsWith('ndjson'))
      .flatMap(([, text]) => text.trim().split('\n'));
    const corrected = lines.map((line) => JSON.parse(line)).filter(({ events }) => events.length > 0);
    expect(corrected).toHaveLength(3);
    expect(corrected[0]).toMatchObject({ cost_usd: '0.000000000005', events: [{ type: 'request.corrected' }] });
  });

  it('keeps for longer what a larger plan keeps for longer', async () => {
    const { tenantId } = await tenantWithRequests(5, 'enterprise');
    expect(await rollOff(tenantId, WHEN_BOTH_ARE_OLD, { statements, archive: memoryArchive() })).toBe(0);
  });

  it('archives a late request, and one that was corrected while it was at work, before they go', async () => {
    const { tenantId, events } = await tenantWithRequests(40);
    const archive = memoryArchive();
    const old = events.filter(isOfFirstDay);
    const step = () =>
      rollOffRequests({ statements, archive, tenantId, now: WHEN_FIRST_IS_OLD, rowsPerPart: ROWS_PER_PART });
    while ((await step()).deleted === 0);
    const [left] = old.filter(({ startedAt }) => startedAt === Math.max(...old.map(({ startedAt }) => startedAt)));
    if (!left) throw new Error('nothing is left');
    await record(tenantId, [correctedEvent({ ...left, revision: 5 }, {}, '99')]);
    while ((await step()).day !== null);
    const late = recordedEvent(1_000, seededRandom(9), {
      startedAt: Date.UTC(2026, 10, 1, 22),
      endedAt: Date.UTC(2026, 10, 1, 22),
    });
    await record(tenantId, [late]);
    while ((await step()).day !== null);
    expect(await count('requests', tenantId)).toBe(40 - old.length);
    expect(await verifyArchive({ statements, archive, tenantId, day: FIRST_DAY })).toEqual([]);
    const manifest = JSON.parse(archive.files.get(`requests/${tenantId}/${FIRST_DAY}/manifest.json`) ?? '');
    const listed = manifest.files.map(({ key }: { key: string }) => archive.files.get(key)).join('');
    expect(
      listed
        .trim()
        .split('\n')
        .map((line: string) => JSON.parse(line).id)
        .sort(),
    ).toEqual(idsOf([...old, late]));
    expect(listed).toContain('"cost_usd": "0.000000000099"');
  });

  it('may be ended at every step, before or behind it, and loses and doubles nothing', async () => {
    let points = 0;
    for (let point = 1; ; point++) {
      const { tenantId, events } = await tenantWithRequests(20);
      const old = events.filter(isOfFirstDay);
      const archive = memoryArchive();
      const ending = endingAt(point, { statements, archive });
      const wasEnded = await rollOff(tenantId, WHEN_FIRST_IS_OLD, ending).then(
        () => false,
        () => true,
      );
      await rollOff(tenantId, WHEN_FIRST_IS_OLD, { statements, archive });
      expect(await count('requests', tenantId), `ended at ${point}`).toBe(20 - old.length);
      expect(await verifyArchive({ statements, archive, tenantId, day: FIRST_DAY }), `ended at ${point}`).toEqual([]);
      expect(await differences(tenantId), `ended at ${point}`).toEqual([]);
      if (!wasEnded) break;
      points = point;
    }
    expect(points).toBeGreaterThan(20);
  });

  it('control: rows that went without their file, and a file that was changed, are found', async () => {
    const { tenantId } = await tenantWithRequests(40);
    const archive = memoryArchive();
    await rollOff(tenantId, WHEN_FIRST_IS_OLD, { statements, archive });
    const key = `requests/${tenantId}/${FIRST_DAY}/1.ndjson`;
    const whole = archive.files.get(key) ?? '';
    archive.files.set(key, whole.replace(/"input_token_count": (\d)/, '"input_token_count": 9$1'));
    const changed = await verifyArchive({ statements, archive, tenantId, day: FIRST_DAY });
    expect(changed.map(({ where }) => where)).toEqual([`${key} sha256`, `${key} inputTokens`]);
    archive.files.set(key, whole);
    await owner.query('update roll_offs set rows = rows + 1 where tenant_id = $1', [tenantId]);
    const lost = await verifyArchive({ statements, archive, tenantId, day: FIRST_DAY });
    expect(lost.map(({ where }) => where)).toEqual(['rows deleted']);
    archive.files.delete(`requests/${tenantId}/${FIRST_DAY}/manifest.json`);
    expect(await verifyArchive({ statements, archive, tenantId, day: FIRST_DAY })).toMatchObject([{ found: 'none' }]);
  });
});

/** Ends a run with an error at its nth access, odd ones before it has an effect and even ones behind it. */
function endingAt(point: number, { statements, archive }: Means): Means {
  let accesses = 0;
  const access = async <T>(run: () => Promise<T>): Promise<T> => {
    accesses += 2;
    if (accesses - 1 === point) throw new Error('ended before');
    const result = await run();
    if (accesses === point) throw new Error('ended behind');
    return result;
  };
  return {
    statements: {
      run: (statement) => access(() => statements.run(statement)),
      asTenant: (tenantId, all) => access(() => statements.asTenant(tenantId, all)),
    },
    archive: {
      put: (key, text, sha256) => access(() => archive.put(key, text, sha256)),
      get: (key) => access(() => archive.get(key)),
    },
  };
}

it('lets sums by the hour go that the plan no longer keeps, keeps those by the day, and verifies what is left', async () => {
  const { tenantId } = await tenantWithRequests(40);
  const HOURS = "period_end - period_start = interval '1 hour'";
  const hours = await count('usage_aggregates', tenantId, HOURS);
  const all = await count('usage_aggregates', tenantId);
  const firstHours = await count('usage_aggregates', tenantId, `${HOURS} and period_start < '${SECOND_DAY}T00:00:00Z'`);
  const now = new Date(Date.UTC(2026, 10, 2) + 400 * DAY_MS);
  const gone = [];
  do gone.push(await rollOffHours({ statements, tenantId, now, rowsPerStep: 5 }));
  while (gone.at(-1) !== 0);
  expect(gone.length).toBeGreaterThan(2);
  expect(await count('usage_aggregates', tenantId, HOURS)).toBe(hours - firstHours);
  expect(await count('usage_aggregates', tenantId)).toBe(all - firstHours);
  expect(await differences(tenantId)).toEqual([]);
});
