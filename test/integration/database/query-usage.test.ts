import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dimension } from '../../../shared/contracts/metrics.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { HOURS_KEPT_MS } from '../../../shared/domain/usage/metric-periods.ts';
import { queryCacheUse } from '../../../shared/services/query-cache-use.ts';
import { queryStatement } from '../../../shared/services/query-statement.ts';
import { queryUsage, type UsageUnit } from '../../../shared/services/query-usage.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import type { SumQuery } from '../../../shared/services/sum-pages.ts';
import { lastCounted } from '../../../shared/services/usage-as-of.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { correctedEvent, recordedEvent } from '../../harness/request-events.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let db: Database;

const NOW = Date.parse('2026-11-05T00:00:00Z');
const KEY = '00000000-0000-4000-8000-000000000001';
const POLICY = '00000000-0000-4000-8000-000000000002';

beforeAll(async () => {
  database = await createTestDatabase();
  const { neonEndpoint } = database;
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  db = createDatabase({ databaseUrl: database.appUrl, neonEndpoint });
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

async function addTenant(): Promise<string> {
  const { rows } = await owner.query<{ id: string }>(
    `insert into tenants (name, slug, region) values ('T', gen_random_uuid()::text, 'eu') returning id`,
  );
  return rows[0]?.id ?? '';
}

interface Sum {
  readonly tenantId: string;
  readonly start: string;
  readonly model?: string;
  readonly provider?: string;
  readonly apiKeyId?: string | null;
  readonly routingPolicyId?: string;
  readonly costUsd?: string;
  readonly length?: '1 hour' | '1 day';
}

/** One request and ten tokens of an hour; its day's sum grows with it. */
async function count({ tenantId, start, model = 'small', provider = 'openai', ...sum }: Sum): Promise<void> {
  const { apiKeyId = null, routingPolicyId = null, costUsd = '0.000000000001', length } = sum;
  for (const each of length ? [length] : ['1 hour', '1 day']) {
    await owner.query(
      `insert into usage_aggregates as known
         (tenant_id, period_start, period_end, unit, environment_id, api_key_id, provider, model, routing_policy_id,
           value, cost_usd)
       select $1, start, start + $2::interval, unit, $1, $3, $4, $5, $8, value, $6
       from date_trunc(split_part($2, ' ', 2), $7::timestamptz, 'UTC') as start,
         (values ('tokens', 10), ('requests', 1)) as measure (unit, value)
       on conflict (tenant_id, unit, period_start, period_end, environment_id, api_key_id, provider, model,
         routing_policy_id) do update set value = known.value + excluded.value, cost_usd = known.cost_usd + excluded.cost_usd`,
      [tenantId, each, apiKeyId, provider, model, costUsd, start, routingPolicyId],
    );
  }
}

type Change = Partial<Omit<SumQuery, 'from' | 'to'>>;

function sumQuery(from: string, to: string, change: Change): SumQuery {
  const base = { granularity: 'hour', timeZone: 'UTC', dimensions: [], filters: {}, limit: 50, after: null } as const;
  return { ...base, from: Date.parse(from), to: Date.parse(to), ...change };
}

function query(tenantId: string, from: string, to: string, change: Change & { readonly unit?: UsageUnit } = {}) {
  const { unit = 'tokens', ...rest } = change;
  return queryUsage({ db, tenantId, query: { ...sumQuery(from, to, rest), unit }, now: NOW });
}

describe('queryUsage', () => {
  const at = (time: string) => `2026-11-01T${time}:00Z`;
  const hours = ({ data }: Awaited<ReturnType<typeof query>>) =>
    data.map(({ periodStart }) => periodStart.slice(11, 16));
  let tenantId: string;

  beforeAll(async () => {
    tenantId = await addTenant();
    for (const hour of [0, 1, 2, 3, 4]) {
      for (const model of ['small', 'large']) await count({ tenantId, start: at(`0${hour}:00`), model });
    }
  });

  it('adds up dimensions, in numbers', async () => {
    expect(await query(tenantId, at('00:00'), at('01:00'))).toEqual({
      data: [
        {
          periodStart: '2026-11-01T00:00:00.000Z',
          periodEnd: '2026-11-01T01:00:00.000Z',
          unit: 'tokens',
          value: 20,
          costUsd: 2e-12,
        },
      ],
      next: null,
    });
    expect((await query(tenantId, at('00:00'), at('01:00'), { unit: 'requests' })).data[0]?.value).toBe(2);
    expect((await query(tenantId, at('00:00'), at('01:00'), { unit: 'cost_usd' })).data).toEqual([]);
  });

  it('has every hour that the range touches', async () => {
    expect(hours(await query(tenantId, at('01:59'), at('03:01')))).toEqual(['01:00', '02:00', '03:00']);
    expect(hours(await query(tenantId, at('02:00'), at('03:00')))).toEqual(['02:00']);
    expect(hours(await query(tenantId, at('09:00'), at('10:00')))).toEqual([]);
  });

  it('pages without gap or overlap', async () => {
    const page = (after: SumQuery['after']) => query(tenantId, at('00:00'), at('05:00'), { limit: 2, after });
    const first = await page(null);
    const second = await page(first.next);
    const third = await page(second.next);
    expect([first, second, third].map(hours)).toEqual([['00:00', '01:00'], ['02:00', '03:00'], ['04:00']]);
    expect(third.next).toBeNull();
  });

  it('has nothing of another tenant', async () => {
    expect((await query(await addTenant(), at('00:00'), at('05:00'))).data).toEqual([]);
  });
});

describe('periods of a time zone', () => {
  let tenantId: string;

  beforeAll(async () => {
    tenantId = await addTenant();
    // By the clock of Berlin: 31 October 23:00, then 1 November 00:00, 12:00 and 2 November 00:30.
    for (const start of ['2026-10-31T22:00Z', '2026-10-31T23:00Z', '2026-11-01T11:00Z', '2026-11-01T23:30Z']) {
      await count({ tenantId, start });
    }
  });

  it.each([
    [
      'day',
      'UTC',
      [
        ['2026-10-31', 20],
        ['2026-11-01', 20],
      ],
    ],
    [
      'day',
      'Europe/Berlin',
      [
        ['2026-10-30', 10],
        ['2026-10-31', 20],
        ['2026-11-01', 10],
      ],
    ],
    [
      'month',
      'UTC',
      [
        ['2026-10-01', 20],
        ['2026-11-01', 20],
      ],
    ],
    [
      'month',
      'Europe/Berlin',
      [
        ['2026-09-30', 10],
        ['2026-10-31', 30],
      ],
    ],
    ['month', 'Asia/Kolkata', [['2026-10-31', 40]]],
  ] as const)('by %s in %s hold the hours that begin in them', async (granularity, timeZone, expected) => {
    const { data } = await query(tenantId, '2026-10-31T00:00Z', '2026-11-03T00:00Z', { granularity, timeZone });
    expect(data.map(({ periodStart, value }) => [periodStart.slice(0, 10), value])).toEqual(expected);
  });

  it('are days of UTC where hours are not kept any more', async () => {
    const old = new Date(NOW - HOURS_KEPT_MS - 86_400_000);
    const tenant = await addTenant();
    await count({ tenantId: tenant, start: old.toISOString(), length: '1 day' });
    const to = new Date(old.getTime() + 86_400_000).toISOString();
    const { data } = await query(tenant, old.toISOString(), to, { granularity: 'day', timeZone: 'Europe/Berlin' });
    expect(data).toMatchObject([{ value: 10 }]);
  });
});

describe('dimensions', () => {
  const start = '2026-11-01T00:00Z';
  const later = '2026-11-03T05:00Z';
  let tenantId: string;

  beforeAll(async () => {
    tenantId = await addTenant();
    for (const at of [start, later]) {
      for (const model of ['B', 'a', 'é']) {
        await count({ tenantId, start: at, model, apiKeyId: KEY });
        await count({ tenantId, start: at, model });
      }
      await count({ tenantId, start: at, model: 'a', provider: 'google', apiKeyId: KEY, routingPolicyId: POLICY });
    }
  });

  it.each<[Dimension[], number]>([
    [[], 2],
    [['apiKey'], 4],
    [['provider'], 4],
    [['model', 'provider'], 8],
    [['routingPolicy'], 4],
    [['environment', 'apiKey', 'provider', 'model', 'routingPolicy'], 14],
  ])('by %j come in pages of any length, each item once', async (dimensions, items) => {
    for (const limit of [1, 3, 500]) {
      const seen: object[] = [];
      for (let after: SumQuery['after'] = null, pages = 0; pages <= items; pages++) {
        const page = await query(tenantId, start, '2026-11-04T00:00Z', { dimensions, limit, after });
        expect(page.data.length).toBeLessThanOrEqual(limit);
        seen.push(...page.data);
        after = page.next;
        if (!after) break;
      }
      expect(seen).toHaveLength(items);
      expect(new Set(seen.map((item) => JSON.stringify(item))).size).toBe(items);
      const { data } = await query(tenantId, start, '2026-11-04T00:00Z', { dimensions });
      expect(seen).toEqual(data);
      expect(data.reduce((sum, { value }) => sum + value, 0)).toBe(140);
    }
  });

  it('are filtered by', async () => {
    const filtered = async (filters: SumQuery['filters']) =>
      (await query(tenantId, start, '2026-11-04T00:00Z', { filters })).data.map(({ value }) => value);
    expect(await filtered({ provider: 'google' })).toEqual([10, 10]);
    expect(await filtered({ model: 'a' })).toEqual([30, 30]);
    expect(await filtered({ apiKeyId: KEY, model: 'a', provider: 'openai' })).toEqual([10, 10]);
    expect(await filtered({ environmentId: KEY })).toEqual([]);
    expect(await filtered({ routingPolicyId: POLICY })).toEqual([10, 10]);
    expect(await filtered({ routingPolicyId: KEY })).toEqual([]);
  });

  it('have a policy’s name as long as it is there, and never another tenant’s', async () => {
    const named = async () =>
      (await query(tenantId, start, later, { dimensions: ['routingPolicy'], granularity: 'month' })).data.map(
        ({ routingPolicyId, routingPolicyName }) => [routingPolicyId, routingPolicyName],
      );
    const addPolicy = (holder: string, name: string) =>
      owner.query('insert into routing_policies (tenant_id, id, name, strategy) values ($1, $2, $3, $4)', [
        ...[holder, POLICY, name, '{}'],
      ]);
    await addPolicy(await addTenant(), 'theirs');
    expect(await named()).toEqual([
      [null, undefined],
      [POLICY, undefined],
    ]);
    await addPolicy(tenantId, 'ours');
    expect((await named())[1]).toEqual([POLICY, 'ours']);
    await owner.query('delete from routing_policies where tenant_id = $1', [tenantId]);
    expect((await named())[1]).toEqual([POLICY, undefined]);
  });
});

describe('what a correction takes away', () => {
  const [hour, end] = ['2026-11-01T00:00:00Z', '2026-11-01T01:00:00Z'];
  let tenantId: string;

  beforeAll(async () => {
    tenantId = await addTenant();
    const ledger = createDatabase({ databaseUrl: database.ledgerUrl, neonEndpoint: database.neonEndpoint });
    const common = { provider: 'openai', startedAt: Date.parse(hour), usage: { inputTokens: 7 } } as const;
    const cache = { outcome: 'exact', savedPicoUsd: '5', savedTokens: 3, ageMs: 1 } as const;
    const event = recordedEvent(1, Math.random, { ...common, status: 'estimated', costPicoUsd: '9', cache });
    const moved = { ...correctedEvent(event, { inputTokens: 4 }, '6'), provider: 'mistral' } as const;
    for (const each of [event, moved]) await recordRequests({ db: ledger, tenantId, events: [each] });
    const { rows } = await owner.query(
      `select unit from usage_aggregates where tenant_id = $1 and value = 0 and provider = 'openai'`,
      [tenantId],
    );
    expect(rows).toHaveLength(12); // control: six units of an hour and of a day
  });

  it.each([
    ['requests', 1],
    ['tokens', 4],
    ['cost_usd', 6e-12],
  ] as const)('is no item of usage in %s', async (unit, value) => {
    const { data } = await query(tenantId, hour, end, { unit, dimensions: ['provider'] });
    expect(data.map((item) => [item.provider, item.value])).toEqual([['mistral', value]]);
  });

  it('is no item of stored answers', async () => {
    const { data } = await queryCacheUse({
      db,
      tenantId,
      query: sumQuery(hour, end, { dimensions: ['provider'] }),
      now: NOW,
    });
    expect(data.map(({ provider, hits, savedTokens }) => [provider, hits, savedTokens])).toEqual([['mistral', 1, 3]]);
  });
});

describe('queryStatement', () => {
  it('has a line for each environment, provider and model, which sum to the total in cents', async () => {
    const tenantId = await addTenant();
    const costs = { a: '0.004', b: '0.004', c: '10.004999999999', d: '0.000000000001' };
    for (const [model, costUsd] of Object.entries(costs)) {
      await count({ tenantId, start: '2026-10-20T10:00Z', model, costUsd });
      await count({ tenantId, start: '2026-11-20T10:00Z', model, costUsd });
    }
    const month = await queryStatement({ db, tenantId, month: '2026-10', timeZone: 'Europe/Berlin', now: NOW });
    expect(month).toMatchObject({
      ...{ periodStart: '2026-09-30T22:00:00.000Z', periodEnd: '2026-10-31T23:00:00.000Z' },
      ...{ requests: 4, costUsd: '10.013', amountUsd: '10.01' },
    });
    expect(month.lines.map(({ model, costUsd, amountUsd }) => [model, costUsd, amountUsd])).toEqual([
      ['a', '0.004', '0.00'],
      ['b', '0.004', '0.00'],
      ['c', '10.004999999999', '10.01'],
      ['d', '0.000000000001', '0.00'],
    ]);
  });

  it('is empty for a month without requests', async () => {
    const tenantId = await addTenant();
    const month = await queryStatement({ db, tenantId, month: '2026-10', timeZone: 'UTC', now: NOW });
    expect(month).toMatchObject({ lines: [], requests: 0, costUsd: '0', amountUsd: '0.00' });
  });
});

describe('lastCounted', () => {
  it('is when the newest sums were written, and null where there are none', async () => {
    const tenantId = await addTenant();
    expect(await lastCounted({ db, tenantId })).toBeNull();
    const before = Date.now();
    await count({ tenantId, start: '2026-11-01T00:00Z' });
    const counted = await lastCounted({ db, tenantId });
    expect(Math.abs((counted ?? 0) - before)).toBeLessThan(60_000);
  });
});
