import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withClient } from '../../../scripts/db/connection.ts';
import { withTenant } from '../../../shared/db/with-tenant.ts';
import { getRequest } from '../../../shared/services/get-request.ts';
import { listRequests } from '../../../shared/services/list-requests.ts';
import { queryErrors } from '../../../shared/services/query-errors.ts';
import { queryLatency } from '../../../shared/services/query-latency.ts';
import { queryStatement } from '../../../shared/services/query-statement.ts';
import { queryUsage } from '../../../shared/services/query-usage.ts';
import type { SumQuery } from '../../../shared/services/sum-pages.ts';
import { everythingIn, explainingDatabase, type PlanNode, stepsOf } from '../../harness/explaining-database.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { tenantIdOf } from '../../load/seed-load/lanes.ts';
import { DAY_MS } from '../../load/seed-load/load-options.ts';
import { seedLoad } from '../../load/seed-load/seed-load.ts';

const DAYS = 20;
const UNTIL = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const LOAD = { requests: 20_000, tenants: 20, seed: 7, until: UNTIL, days: DAYS };
const tenantId = tenantIdOf(LOAD.seed, 5);
const POLICY = '00000000-0000-4000-8000-000000000001';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: pg.Client;
let explaining: ReturnType<typeof explainingDatabase>;

beforeAll(async () => {
  database = await createTestDatabase();
  await seedLoad({ ...LOAD, databaseUrl: database.url, report: () => {} });
  await withClient(database.url, async (owner) => {
    for (const table of ['usage_aggregates', 'outcome_aggregates'])
      await owner.query(`update ${table} set routing_policy_id = $1 where tenant_id = $2`, [POLICY, tenantId]);
    await owner.query('analyze usage_aggregates, outcome_aggregates');
  });
  client = new pg.Client({ connectionString: database.appUrl });
  await client.connect();
});

beforeEach(() => {
  explaining = explainingDatabase(client);
});

afterAll(async () => {
  await client?.end();
  await database?.close();
});

const isPartition = (name: string) => /^requests_(\d{8}|default)$/.test(name);
const partitionOf = (day: number) => `requests_${new Date(day).toISOString().slice(0, 10).replaceAll('-', '')}`;
/** Of the days around those that were generated there is next to nothing to read. */
const isFilled = (name: string) =>
  !isPartition(name) || (name >= partitionOf(UNTIL - DAYS * DAY_MS) && name < partitionOf(UNTIL));

/** Everything that a plan reads without an index. */
function scansOf(plans: readonly PlanNode[]): string[] {
  return plans
    .flatMap(stepsOf)
    .filter((step) => step['Node Type'] === 'Seq Scan')
    .map((step) => step['Relation Name'] ?? '')
    .filter(isFilled);
}

/** The partitions that plans read. */
function partitionsOf(plans: readonly PlanNode[]): string[] {
  const names = plans.flatMap(stepsOf).map((step) => step['Relation Name'] ?? '');
  return [...new Set(names.filter(isPartition))].toSorted();
}

function indexesOf(plans: readonly PlanNode[]): string[] {
  return [...new Set(plans.flatMap(stepsOf).flatMap((step) => step['Index Name'] ?? []))];
}

function sums(change: Partial<SumQuery> = {}): SumQuery {
  return {
    ...{ from: UNTIL - DAYS * DAY_MS, to: UNTIL, granularity: 'hour', timeZone: 'UTC', dimensions: [], filters: {} },
    ...{ limit: 50, after: null },
    ...change,
  };
}

describe('sums', () => {
  const ways: [string, () => Promise<{ readonly data: readonly unknown[] }>][] = (
    [
      ['hour', 'UTC'],
      ['day', 'UTC'],
      ['day', 'Europe/Berlin'],
      ['month', 'Europe/Berlin'],
    ] as const
  ).flatMap(([granularity, timeZone]) => {
    const query = sums({ granularity, timeZone, dimensions: ['provider', 'model', 'routingPolicy'] });
    const to = { tenantId, now: UNTIL };
    return [
      [
        `usage by ${granularity} in ${timeZone}`,
        () => queryUsage({ ...explaining, ...to, query: { ...query, unit: 'tokens' } }),
      ],
      [
        `latency by ${granularity} in ${timeZone}`,
        () => queryLatency({ ...explaining, ...to, query: { ...query, status: 'completed' } }),
      ],
      [`errors by ${granularity} in ${timeZone}`, () => queryErrors({ ...explaining, ...to, query })],
    ];
  });

  it.each(ways)('of %s are found by indexes, without a request', async (_name, read) => {
    expect((await read()).data.length).toBeGreaterThan(0);
    expect(explaining.plans.length).toBeGreaterThan(0);
    expect(scansOf(explaining.plans)).toEqual([]);
    expect(partitionsOf(explaining.plans)).toEqual([]);
  });

  it('of one routing policy are found by indexes', async () => {
    const query = { ...sums({ filters: { routingPolicyId: POLICY } }), unit: 'requests', status: 'completed' } as const;
    for (const read of [queryUsage, queryLatency, queryErrors]) {
      expect((await read({ ...explaining, tenantId, now: UNTIL, query })).data.length).toBeGreaterThan(0);
    }
    expect(scansOf(explaining.plans)).toEqual([]);
  });

  it('of days are found by the days’ own index', async () => {
    const query = { ...sums({ granularity: 'day' }), unit: 'requests' } as const;
    await queryUsage({ ...explaining, tenantId, now: UNTIL, query });
    await queryErrors({ ...explaining, tenantId, now: UNTIL, query });
    expect(indexesOf(explaining.plans).toSorted()).toEqual(['outcome_aggregates_days', 'usage_aggregates_days']);
  });

  it('of a month’s statement are found by indexes', async () => {
    const month = new Date(UNTIL - DAY_MS).toISOString().slice(0, 7);
    const { lines } = await queryStatement({ ...explaining, tenantId, month, timeZone: 'Europe/Berlin', now: UNTIL });
    expect(lines.length).toBeGreaterThan(0);
    expect(scansOf(explaining.plans)).toEqual([]);
  });
});

describe('requests', () => {
  const page = (change: object = {}, range: object = {}) =>
    listRequests({
      ...{ ...explaining, tenantId, from: 0, to: UNTIL, after: null, limit: 10, filters: change },
      ...range,
    });

  it.each([
    ['all', {}],
    ['of a provider', { provider: 'openai' }],
    ['that failed', { status: 'failed' }],
    ['that cost much', { minCostUsd: '0.001' }],
    ['of another task', { taskType: 'embedding' }],
  ])('%s are found by indexes', async (_name, filters) => {
    await page(filters);
    expect(explaining.plans).toHaveLength(2);
    expect(scansOf(explaining.plans)).toEqual([]);
    expect(indexesOf(explaining.plans).length).toBeGreaterThan(1);
  });

  it('of a day are looked for in its partitions alone', async () => {
    const from = UNTIL - 10 * DAY_MS;
    const { data } = await page({}, { from, to: from + DAY_MS });
    expect(data).toHaveLength(10);
    expect(partitionsOf(explaining.plans)).toEqual([-1, 0, 1].map((offset) => partitionOf(from + offset * DAY_MS)));
  });

  it('by id are looked for in one partition', async () => {
    const { data } = await page();
    explaining.plans.length = 0;
    expect(await getRequest({ ...explaining, tenantId, id: data[0]?.id ?? '' })).not.toBeNull();
    expect(scansOf(explaining.plans).filter(isPartition)).toEqual([]);
    expect(partitionsOf(explaining.plans)).toHaveLength(1);
  });
});

describe('control: a query that', () => {
  it('reads everything is seen to scan every partition', async () => {
    await withTenant(explaining.db, tenantId, (db) => [db.execute(everythingIn('requests'))]);
    expect(partitionsOf(explaining.plans).length).toBeGreaterThan(DAYS);
  });

  it('may use no index is seen to scan', async () => {
    await client.query('set enable_indexscan = off; set enable_bitmapscan = off; set enable_indexonlyscan = off');
    await queryUsage({ ...explaining, tenantId, now: UNTIL, query: { ...sums(), unit: 'tokens' } });
    await client.query('reset enable_indexscan; reset enable_bitmapscan; reset enable_indexonlyscan');
    expect(scansOf(explaining.plans)).toContain('usage_aggregates');
  });
});
