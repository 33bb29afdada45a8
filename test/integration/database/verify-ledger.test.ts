import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statementsOn } from '../../../scripts/ledger/statements-on.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { type StatementRunner, statementsOver } from '../../../shared/db/statement-runner.ts';
import { listLedgerPeriods } from '../../../shared/services/list-ledger-periods.ts';
import { rebuildAggregates } from '../../../shared/services/rebuild-aggregates.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { verifyLedger } from '../../../shared/services/verify-ledger.ts';
import { ledgerOf, storedLedger } from '../../harness/ledger-truth.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { batches, correctedEvent, recordedEvent } from '../../harness/request-events.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

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

async function mintTenant(): Promise<string> {
  const tenantId = crypto.randomUUID();
  await owner.query("insert into tenants (id, name, slug, region) values ($1::uuid, 'Test', $1::text, 'eu')", [
    tenantId,
  ]);
  return tenantId;
}

/** A tenant with requests over five hours of two days, a third of them estimates, half of which were corrected. */
async function tenantWithRequests(count: number, seed = 1) {
  const tenantId = await mintTenant();
  const random = seededRandom(seed);
  const events = Array.from({ length: count }, (_, at) =>
    recordedEvent(at, random, at % 3 === 0 ? { status: 'estimated', errorCode: null } : {}),
  );
  const corrections = events
    .filter((_, at) => at % 6 === 0)
    .map((event) => correctedEvent(event, { inputTokens: 5, outputTokens: 7 }, '1234567'));
  for (const each of batches([...events, ...corrections], () => 100))
    await recordRequests({ db, tenantId, events: each });
  const truth = events.map((event, at) => (at % 6 === 0 ? (corrections[at / 6] ?? event) : event));
  return { tenantId, events, truth };
}

async function verify(tenantId: string, by = statements, requestsPerPeriod = 100) {
  const periods = await listLedgerPeriods({ statements: by, tenantId, requestsPerPeriod });
  const found = [];
  for (const period of periods) found.push(await verifyLedger({ statements: by, tenantId, ...period }));
  return {
    requests: found.reduce((sum, { requests }) => sum + requests, 0),
    differences: found.flatMap(({ differences }) => differences),
  };
}

async function rebuild(tenantId: string) {
  const periods = await listLedgerPeriods({ statements, tenantId, requestsPerPeriod: 1_000 });
  const rebuilt = [];
  for (const period of periods) {
    rebuilt.push(await rebuildAggregates({ statements, tenantId, reason: 'as verified', ...period }));
  }
  return rebuilt.reduce(
    (sum, { postingsAdded, postingsAdjusted }) => [(sum[0] ?? 0) + postingsAdded, (sum[1] ?? 0) + postingsAdjusted],
    [0, 0],
  );
}

/** Changes what nobody may change, as only the tables' owner can. */
async function forge(text: string, values: unknown[]): Promise<void> {
  await owner.query('alter table ledger_postings disable trigger user');
  await owner.query(text, values);
  await owner.query(
    'alter table ledger_postings enable always trigger append_only, enable always trigger append_only_whole',
  );
}

const anyRow = (table: string, where: string) =>
  `ctid = (select ctid from ${table} where tenant_id = $1 and ${where} limit 1)`;

describe('verifyLedger', () => {
  it('finds nothing where sums and postings are what the rows say, whoever asks', async () => {
    const { tenantId } = await tenantWithRequests(600);
    expect(await verify(tenantId)).toEqual({ requests: 600, differences: [] });
    expect(await verify(tenantId, statementsOn(owner), 1_000_000)).toEqual({ requests: 600, differences: [] });
  });

  it('finds nothing in a tenant that has nothing, and is not told of another', async () => {
    await tenantWithRequests(10);
    expect(await verify(await mintTenant())).toEqual({ requests: 0, differences: [] });
  });

  it('raises no false alarm while requests are recorded and corrected', async () => {
    const tenantId = await mintTenant();
    const random = seededRandom(5);
    const events = Array.from({ length: 500 }, (_, at) => recordedEvent(at, random));
    await recordRequests({ db, tenantId, events: events.slice(0, 1) });
    let isOver = false;
    const recording = (async () => {
      for (const batch of batches(events, () => 5)) {
        await recordRequests({ db, tenantId, events: batch });
        await recordRequests({ db, tenantId, events: batch.map((event) => correctedEvent(event, {}, '17')) });
      }
      isOver = true;
    })();
    const looks = [];
    while (!isOver) looks.push(await verify(tenantId));
    await recording;
    looks.push(await verify(tenantId));
    expect(looks.flatMap(({ differences }) => differences)).toEqual([]);
    expect(looks.length).toBeGreaterThan(2);
    expect(looks.at(-1)?.requests).toBe(500);
  });
});

describe('M8: a planted error of one unit is found and named, and a rebuild mends it', () => {
  const HOUR = "period_end - period_start = interval '1 hour'";
  const DAY = "period_end - period_start = interval '1 day'";
  const ERRORS = {
    'a request in an hour': [
      `update usage_aggregates set value = value + 1 where ${anyRow('usage_aggregates', `unit = 'requests' and ${HOUR}`)}`,
      { check: 'usage', unit: 'requests', dimensions: { column: 'value' } },
      [0, 0],
    ],
    'a token in a day': [
      `update usage_aggregates set value = value - 1 where ${anyRow('usage_aggregates', `unit = 'tokens' and ${DAY}`)}`,
      { check: 'usage', unit: 'tokens', dimensions: { column: 'value' } },
      [0, 0],
    ],
    'a pico-dollar in what an hour cost': [
      `update usage_aggregates set cost_usd = cost_usd + 1e-12
       where ${anyRow('usage_aggregates', `unit = 'requests' and ${HOUR}`)}`,
      { check: 'usage', unit: 'requests', dimensions: { column: 'cost_usd' } },
      [0, 0],
    ],
    'a fallback in an hour': [
      `update usage_aggregates set value = value + 1 where ${anyRow('usage_aggregates', `unit = 'fallbacks' and value > 0 and ${HOUR}`)}`,
      { check: 'usage', unit: 'fallbacks', dimensions: { column: 'value' } },
      [0, 0],
    ],
    'a failure in a day': [
      `update outcome_aggregates set requests = requests + 1 where ${anyRow('outcome_aggregates', `status = 'failed' and ${DAY}`)}`,
      { check: 'outcomes', unit: 'requests', dimensions: { status: 'failed' } },
      [0, 0],
    ],
    'a latency': [
      `update outcome_aggregates set latency_counts[1] = latency_counts[1] + 1
       where ${anyRow('outcome_aggregates', `cardinality(latency_counts) > 0 and ${HOUR}`)}`,
      { check: 'outcomes', unit: 'latency' },
      [0, 0],
    ],
    'a pico-dollar in a posting': [
      `update ledger_postings set spent = spent + 1e-12, available = available - 1e-12
       where ${anyRow('ledger_postings', "kind = 'settled'")}`,
      { check: 'postings', unit: 'spent' },
      [0, 1],
    ],
  } as const;

  it.each(Object.entries(ERRORS))('%s', async (_name, [forgery, named, mended]) => {
    const { tenantId, truth } = await tenantWithRequests(120);
    await forge(forgery, [tenantId]);
    const { differences } = await verify(tenantId);
    expect(differences).toEqual([expect.objectContaining({ tenantId })]);
    expect(differences[0]).toMatchObject(named);
    expect(differences[0]?.expected).not.toBe(differences[0]?.found);
    expect(await rebuild(tenantId)).toEqual(mended);
    expect((await verify(tenantId)).differences).toEqual([]);
    expect(await rebuild(tenantId)).toEqual([0, 0]);
    const { money, ...stored } = await storedLedger(
      async (text, values) => (await owner.query(text, values)).rows,
      tenantId,
    );
    const { money: _, ...expected } = ledgerOf(truth);
    expect(stored).toEqual(expected);
  });

  it.each([
    ['usage', 'usage_aggregates', "unit = 'requests'"],
    ['outcomes', 'outcome_aggregates', 'requests > 0'],
  ])('a sum of %s that is told of another policy', async (check, table, where) => {
    const { tenantId } = await tenantWithRequests(60);
    const stranger = crypto.randomUUID();
    const { rows } = await owner.query<{ policy: string }>(
      `update ${table} set routing_policy_id = $2 where ${anyRow(table, `${where} and routing_policy_id is not null`)}
       returning old.routing_policy_id as policy`,
      [tenantId, stranger],
    );
    const { differences } = await verify(tenantId);
    const named = new Set(differences.map(({ check, dimensions }) => `${check} ${dimensions.routingPolicyId}`));
    expect(named).toEqual(new Set([`${check} ${rows[0]?.policy}`, `${check} ${stranger}`]));
    await rebuild(tenantId);
    expect((await verify(tenantId)).differences).toEqual([]);
  });

  it('sums that are missing, a posting that is missing, and one that belongs to no request', async () => {
    const { tenantId, truth } = await tenantWithRequests(30);
    await owner.query("delete from usage_aggregates where tenant_id = $1 and unit = 'cost_usd'", [tenantId]);
    await owner.query('delete from outcome_aggregates where tenant_id = $1', [tenantId]);
    const lost = truth.find(({ revision, status }) => revision === 1 && status !== 'estimated');
    await forge('delete from ledger_postings where tenant_id = $1 and event_id = $2', [tenantId, lost?.requestId]);
    const stranger = crypto.randomUUID();
    await owner.query(
      `insert into ledger_postings (tenant_id, event_id, revision, kind, available, spent, occurred_at)
       values ($1, $2, 1, 'settled', -5, 5, to_timestamp($3 / 1000.0))`,
      [tenantId, stranger, lost?.startedAt],
    );
    const { differences } = await verify(tenantId);
    const of = (requestId: string | undefined) =>
      differences.filter(({ dimensions }) => dimensions.requestId === requestId);
    expect(of(lost?.requestId)).toMatchObject([
      { unit: 'revision', expected: '1', found: 'none' },
      { unit: 'spent', found: '0' },
    ]);
    expect(of(stranger)).toMatchObject([{ unit: 'spent', expected: '0', found: '5' }]);
    expect(differences.some(({ check, found }) => check === 'usage' && found === '0')).toBe(true);
    expect(differences.some(({ check, found }) => check === 'outcomes' && found === '0')).toBe(true);

    expect(await rebuild(tenantId)).toEqual([1, 1]);
    expect((await verify(tenantId)).differences).toEqual([]);
    const { rows } = await owner.query(
      "select sum(spent)::text as spent, sum(adjustment)::text as adjustment, max(reason) as reason from ledger_postings where tenant_id = $1 and kind = 'adjusted'",
      [tenantId],
    );
    expect(rows).toEqual([{ spent: '-5.000000000000', adjustment: '5.000000000000', reason: 'as verified' }]);
  });

  it('control: with its rows gone too, the same error is only seen for what it is there', async () => {
    const { tenantId } = await tenantWithRequests(30);
    await owner.query('delete from requests where tenant_id = $1', [tenantId]);
    expect((await verify(tenantId)).differences.length).toBeGreaterThan(30);
  });
});

it('neither verifies nor rebuilds a day that was rolled off', async () => {
  const { tenantId, events } = await tenantWithRequests(60);
  const before = await storedLedger(async (text, values) => (await owner.query(text, values)).rows, tenantId);
  const firstDay = new Date(Math.min(...events.map(({ startedAt }) => startedAt))).toISOString().slice(0, 10);
  await owner.query("insert into roll_offs (tenant_id, what, day, status) values ($1, 'requests', $2, 'deleting')", [
    tenantId,
    `${firstDay}T00:00:00Z`,
  ]);
  await owner.query("delete from requests where tenant_id = $1 and created_at < $2::timestamptz + interval '1 day'", [
    tenantId,
    `${firstDay}T00:00:00Z`,
  ]);
  const { requests, differences } = await verify(tenantId);
  expect(requests).toBeLessThan(60);
  expect(differences).toEqual([]);
  await rebuildAggregates({
    ...{ statements, tenantId, reason: 'none' },
    ...{ from: Date.parse(`${firstDay}T00:00:00Z`), to: Date.parse(`${firstDay}T00:00:00Z`) + 5 * 86_400_000 },
  });
  const after = await storedLedger(async (text, values) => (await owner.query(text, values)).rows, tenantId);
  expect({ ...after, requests: null }).toEqual({ ...before, requests: null });
});
