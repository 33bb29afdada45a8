import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../../scripts/db/migrate.ts';
import { deploymentDays, ensurePartitions, PARTITION_DAYS, partitionOf } from '../../../scripts/db/partitions.ts';
import { seedCatalogue } from '../../../scripts/db/seed.ts';
import type { RequestRecorded } from '../../../shared/contracts/queues.ts';
import { createDatabase } from '../../../shared/db/client.ts';
import { firstIdAt, idRangeOf } from '../../../shared/domain/usage/request-id-time.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { ledgerOf, storedLedger } from '../../harness/ledger-truth.ts';
import { startTestServer, type TestDatabase, type TestServer } from '../../harness/postgres.ts';
import { correctedEvent, recordedEvent } from '../../harness/request-events.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

const DAY_MS = 86_400_000;
const DAY = Date.UTC(2031, 4, 6); // far from the days that every test database has
const NOW = new Date(DAY);

let server: TestServer;
let database: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  server = await startTestServer();
  database = await server.createDatabase();
  owner = await connect(database.url);
});

afterAll(async () => {
  await owner?.end();
  await server?.close();
});

describe('a request', () => {
  it('lies in the partition of the day that its id begins with, or in the default one', async () => {
    const tenantId = await mintTenant(owner);
    const days = [DAY, DAY + DAY_MS - 1, DAY + DAY_MS];
    await ensurePartitions(owner, { from: NOW, days: 1, now: NOW });
    await record(tenantId, days.map(eventAt));
    expect(await placesOf(owner, tenantId)).toEqual(['requests_20310506', 'requests_20310506', 'requests_default']);
  });

  it('is corrected in its partition, whatever the correction says of its start', async () => {
    const tenantId = await mintTenant(owner);
    const event = eventAt(DAY);
    const correction = { ...correctedEvent(event, {}, '7'), startedAt: DAY + 3 * DAY_MS, endedAt: DAY + 3 * DAY_MS };
    await ensurePartitions(owner, { from: NOW, days: 4, now: NOW });
    await record(tenantId, [event]);
    await record(tenantId, [correction]);
    expect(await placesOf(owner, tenantId)).toEqual(['requests_20310506']);
    expect(await stored(owner, tenantId)).toEqual(ledgerOf([correction]));
  });
});

describe('ensurePartitions', () => {
  it('takes the rows of a new day out of the default partition, with their events, and leaves the others', async () => {
    const tenantId = await mintTenant(owner);
    const day = DAY + 10 * DAY_MS;
    const events = [day - 1, day, day + DAY_MS - 1, day + DAY_MS].map(eventAt);
    const corrections = events.map((event) => correctedEvent(event, { inputTokens: 3 }, '7'));
    await record(tenantId, events);
    await record(tenantId, corrections);
    const before = await stored(owner, tenantId);
    const eventsBefore = await requestEventsOf(owner, tenantId);
    expect(eventsBefore).toHaveLength(4);
    expect(await ensurePartitions(owner, { from: new Date(day), days: 1, now: NOW })).toEqual({
      made: [partitionOf(day)],
      dropped: [],
    });
    expect(await placesOf(owner, tenantId)).toEqual([
      'requests_default',
      partitionOf(day),
      partitionOf(day),
      'requests_default',
    ]);
    expect(await stored(owner, tenantId)).toEqual(before);
    expect(await requestEventsOf(owner, tenantId)).toEqual(eventsBefore);
    await record(tenantId, [...events, ...corrections]);
    expect(await stored(owner, tenantId)).toEqual(ledgerOf(corrections));
  });

  it('does so for an owner without superuser rights, who may not see the rows before or after', async () => {
    await owner.query(`create role partition_owner login createrole password 'secret'`);
    await owner.query('create database partitioned owner partition_owner');
    const url = Object.assign(new URL(database.url), {
      ...{ username: 'partition_owner', password: 'secret', pathname: '/partitioned' },
    }).href;
    await migrate({ databaseUrl: url });
    const [plain, superuser] = [await connect(url), await connect(database.url.replace(/[^/]*$/, 'partitioned'))];
    await seedCatalogue(plain);
    const tenantId = await mintTenant(superuser);
    const id = firstIdAt(DAY);
    await superuser.query(
      `insert into requests (tenant_id, id, environment_id, provider, model, status, cost_usd)
       values ($1, $2, $1, 'openai', 'small', 'completed', 1)`,
      [tenantId, id],
    );
    await superuser.query(
      `insert into request_events (tenant_id, request_id, ts, type) values ($1, $2, now(), 'request.corrected')`,
      [tenantId, id],
    );
    const { made } = await ensurePartitions(plain, { from: NOW, days: 2, now: NOW });
    expect(made).toEqual(['requests_20310506', 'requests_20310507']);
    expect(await placesOf(superuser, tenantId)).toEqual(['requests_20310506']);
    expect(await requestEventsOf(superuser, tenantId)).toHaveLength(1);
    expect((await plain.query('select from requests')).rowCount).toBe(0);
    expect((await plain.query('select from requests_20310506')).rowCount).toBe(0);
    const { rows } = await plain.query(
      `select relname from pg_class where relname ~ '^(requests(_.*\\d)?|requests_default|request_events)$'
         and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity)`,
    );
    expect(rows).toEqual([]);
    const later = new Date(DAY + 800 * DAY_MS);
    expect((await ensurePartitions(plain, { from: later, days: 1, now: later })).dropped).toEqual([
      'requests_20310507',
    ]);
    await Promise.all([plain.end(), superuser.end()]);
  });

  it('makes each partition once, by any number of runners at the same time', async () => {
    const from = new Date(DAY + 100 * DAY_MS);
    const runners = await Promise.all([1, 2, 3, 4].map(() => connect(database.url)));
    const runs = await Promise.all(runners.map((client) => ensurePartitions(client, { from, days: 5, now: NOW })));
    await Promise.all(runners.map((client) => client.end()));
    expect(runs.flatMap(({ made }) => made).sort()).toEqual(
      [0, 1, 2, 3, 4].map((day) => partitionOf(from.getTime() + day * DAY_MS)),
    );
  });

  it('drops earlier partitions that are empty and that no plan keeps, and no other', async () => {
    const from = new Date(Date.UTC(2041, 0, 1));
    const day = (after: number) => from.getTime() + after * DAY_MS;
    const tenantId = await mintTenant(owner);
    await ensurePartitions(owner, { from, days: 4, now: from });
    await record(tenantId, [eventAt(day(1))]);
    const drop = async (now: number) => {
      const { dropped } = await ensurePartitions(owner, { from: new Date(now), days: 1, now: new Date(now) });
      return dropped.filter((name) => name.startsWith('requests_2041'));
    };
    expect(await drop(day(731))).toEqual([]); // kept for two years, and a day for older leases
    expect(await drop(day(733))).toEqual([partitionOf(day(0))]);
    expect(await drop(day(800))).toEqual([partitionOf(day(2)), partitionOf(day(3))]);
    expect(await placesOf(owner, tenantId)).toEqual([partitionOf(day(1))]);
    await owner.query('delete from requests where tenant_id = $1', [tenantId]);
    expect(await drop(day(800))).toEqual([partitionOf(day(1))]);
  });

  it('reaches from yesterday to two months ahead for a deployment', () => {
    const { from, days } = deploymentDays(NOW);
    expect([partitionOf(from.getTime()), days]).toEqual(['requests_20310505', PARTITION_DAYS]);
  });
});

describe('a query', () => {
  const partitionsIn = async (text: string, values: unknown[]) => {
    const { rows } = await owner.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
    return new Set(rows.flatMap((row) => row['QUERY PLAN'].match(/requests_(\d{8}|default)\b/g) ?? []));
  };

  it('by ids or by their range looks into the partitions of those days only', async () => {
    await ensurePartitions(owner, { from: NOW, days: 10, now: NOW });
    const ids = [firstIdAt(DAY), firstIdAt(DAY + 2 * DAY_MS)];
    const tenantId = crypto.randomUUID();
    expect(
      await partitionsIn('select from requests where tenant_id = $1 and id = any($2::uuid[])', [tenantId, ids]),
    ).toEqual(new Set(['requests_20310506', 'requests_20310508']));
    const { first, end } = idRangeOf(DAY + DAY_MS, DAY + 2 * DAY_MS);
    expect(
      await partitionsIn('select from requests where tenant_id = $1 and id >= $2 and id < $3', [tenantId, first, end]),
    ).toEqual(new Set(['requests_20310506', 'requests_20310507', 'requests_20310508']));
  });

  it('control: without them it looks into every one', async () => {
    expect(
      (await partitionsIn('select from requests where tenant_id = $1', [crypto.randomUUID()])).size,
    ).toBeGreaterThan(10);
  });
});

let ordinal = 0;
/** An event whose id begins with a time. */
function eventAt(time: number): RequestRecorded {
  ordinal += 1;
  const requestId = firstIdAt(time).slice(0, -8) + ordinal.toString(16).padStart(8, '0');
  return recordedEvent(ordinal, seededRandom(ordinal), {
    requestId,
    startedAt: time,
    endedAt: time,
    status: 'estimated',
  });
}

async function record(tenantId: string, events: readonly RequestRecorded[]): Promise<void> {
  const db = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: database.neonEndpoint });
  await recordRequests({ db, tenantId, events });
}

/** The partitions that a tenant's requests lie in, in the order of their ids. */
async function placesOf(client: pg.Client, tenantId: string): Promise<string[]> {
  const { rows } = await client.query<{ place: string }>(
    'select tableoid::regclass::text as place from requests where tenant_id = $1 order by id',
    [tenantId],
  );
  return rows.map(({ place }) => place);
}

async function requestEventsOf(client: pg.Client, tenantId: string): Promise<unknown[]> {
  return (await client.query('select * from request_events where tenant_id = $1 order by id', [tenantId])).rows;
}

const stored = (client: pg.Client, tenantId: string) =>
  storedLedger(async (text, values) => (await client.query(text, values)).rows, tenantId);

async function mintTenant(client: pg.Client): Promise<string> {
  const id = crypto.randomUUID();
  await client.query(`insert into tenants (id, name, slug, region) values ($1::uuid, 'Test', $1::text, 'eu')`, [id]);
  return id;
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}
