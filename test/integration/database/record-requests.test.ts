import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestRecorded } from '../../../shared/contracts/queues.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 10, 1);
const ENVIRONMENTS = [crypto.randomUUID(), crypto.randomUUID()] as const;
const KEYS = [crypto.randomUUID(), null] as const;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;
let db: Database;

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

describe('recordRequests', () => {
  it('1,000 requests delivered one to five times, shuffled and at once, are one row each and counted once', async () => {
    const tenantId = await mintTenant();
    const random = seededRandom(42);
    const events = Array.from({ length: 1_000 }, (_, at) => recorded(at, random));
    const deliveries = shuffled(
      events.flatMap((event) => Array.from({ length: 1 + Math.floor(random() * 5) }, () => event)),
      random,
    );
    expect(deliveries.length).toBeGreaterThan(2_500);
    await Promise.all(
      batches(deliveries, () => 1 + Math.floor(random() * 100)).map((events) =>
        recordRequests({ db, tenantId, events }),
      ),
    );
    expect(await storedRequests(tenantId)).toEqual(rowsOf(events));
    expect(await storedUsage(tenantId)).toEqual(usageOf(events));
  });

  it('estimates and corrections in any order leave what the corrections say', async () => {
    const tenantId = await mintTenant();
    const random = seededRandom(7);
    const estimates = Array.from({ length: 300 }, (_, at) => recorded(at, random, { status: 'estimated', usage: {} }));
    const corrections = estimates
      .filter((_, at) => at % 3 !== 0)
      .map((event, at) => corrected(event, { inputTokens: 10 + at, outputTokens: at }, String(1_000_001 + at)));
    const truth = [...estimates.filter((_, at) => at % 3 === 0), ...corrections];
    const deliveries = shuffled([...estimates, ...corrections, ...corrections], random);
    await Promise.all(batches(deliveries, () => 25).map((events) => recordRequests({ db, tenantId, events })));
    expect(await storedRequests(tenantId)).toEqual(rowsOf(truth));
    expect(await storedUsage(tenantId)).toEqual(usageOf(truth));
  });

  it.each([
    ['the estimate first', [1, 2]],
    ['the correction first', [2, 1]],
    ['a correction of a correction between', [1, 3, 2]],
  ])('a request has the usage of its highest revision: %s', async (_, order) => {
    const tenantId = await mintTenant();
    const estimate = recorded(1, seededRandom(1), { status: 'estimated', usage: {}, costPicoUsd: '5000000000' });
    const revisions = order.map((revision) =>
      revision === 1
        ? estimate
        : { ...corrected(estimate, { inputTokens: revision, outputTokens: 1 }, `${revision}`), revision },
    );
    for (const event of revisions) await recordRequests({ db, tenantId, events: [event] });
    const newest = revisions.filter(({ revision }) => revision === Math.max(...order));
    expect(await storedRequests(tenantId)).toEqual(rowsOf(newest));
    expect(await storedUsage(tenantId)).toEqual(usageOf(newest));
  });

  it('both revisions in one batch count as the newer', async () => {
    const tenantId = await mintTenant();
    const estimate = recorded(1, seededRandom(1), { status: 'estimated' });
    const correction = corrected(estimate, { inputTokens: 1 }, '1');
    await recordRequests({ db, tenantId, events: [correction, estimate, correction] });
    expect(await storedRequests(tenantId)).toEqual(rowsOf([correction]));
    expect(await storedUsage(tenantId)).toEqual(usageOf([correction]));
  });

  it('control: the comparison notices one pico-dollar and one token', async () => {
    const events = [recorded(1, seededRandom(1), { costPicoUsd: '1', usage: { inputTokens: 1 } })];
    const other = (change: Partial<RequestRecorded>) => usageOf(events.map((event) => ({ ...event, ...change })));
    expect(usageOf(events)).not.toEqual(other({ costPicoUsd: '2' }));
    expect(usageOf(events)).not.toEqual(other({ usage: { inputTokens: 2 } }));
  });

  it('M1: sums prices that no float can hold, exactly', async () => {
    const tenantId = await mintTenant();
    const random = seededRandom(3);
    const events = Array.from({ length: 1_000 }, (_, at) =>
      recorded(at, random, { costPicoUsd: '3000000', startedAt: START, model: 'one', provider: 'openai' }),
    );
    await recordRequests({ db, tenantId, events });
    const { rows } = await owner.query(
      `select sum(cost_usd)::text as cost from usage_aggregates where tenant_id = $1 and unit = 'cost_usd'`,
      [tenantId],
    );
    expect(rows).toEqual([{ cost: '0.003000000000' }]);
  });

  it('keeps every count that the provider told, and null for those that it did not', async () => {
    const tenantId = await mintTenant();
    const [told, untold] = [crypto.randomUUID(), crypto.randomUUID()];
    const counts = { audioInputTokens: 3, audioOutputTokens: 4, cachedInputTokens: 5, cacheWriteTokens: 6 };
    const usage = { inputTokens: 1, outputTokens: 2, ...counts, reasoningTokens: 7, searches: 8 };
    const random = seededRandom(1);
    const events = [
      recorded(1, random, { requestId: told, usage }),
      recorded(2, random, { requestId: untold, usage: {} }),
    ];
    await recordRequests({ db, tenantId, events });
    const { rows } = await owner.query<{ id: string; counts: (number | null)[] }>(
      `select id, json_build_array(input_token_count, output_token_count, audio_input_token_count,
         audio_output_token_count, cached_input_token_count, cache_write_token_count, reasoning_token_count,
         search_count) as counts
       from requests where tenant_id = $1`,
      [tenantId],
    );
    expect(Object.fromEntries(rows.map(({ id, counts }) => [id, counts]))).toEqual({
      [told]: [1, 2, 3, 4, 5, 6, 7, 8],
      [untold]: Array.from({ length: 8 }, () => null),
    });
  });

  it('records whatever text a request carried', async () => {
    const tenantId = await mintTenant();
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 20 }), { numRuns: 100, seed: 5 });
    const hostile = ['\0', '\ud800', '\udc00\ud800', '\\u0000', '\\\\ud800', '"\\', '\u2028', ...texts];
    const events = hostile.map((text, at) =>
      recorded(at, seededRandom(at), { metadata: { [`${text}${at}`]: { text }, list: [text] }, errorCode: text }),
    );
    await recordRequests({ db, tenantId, events });
    const { rows } = await owner.query<{ metadata: { list: string[] } }>(
      'select metadata from requests where tenant_id = $1 order by started_at, id',
      [tenantId],
    );
    const stored = new Set(rows.map(({ metadata }) => metadata.list[0]));
    expect(rows.length).toBe(hostile.length);
    for (const text of hostile) expect(stored).toContain(text.toWellFormed().replaceAll('\0', '\ufffd'));
  });

  it('writes no row of another tenant, and nothing at all for a tenant that does not exist', async () => {
    const [alice, bob] = [await mintTenant(), await mintTenant()];
    const events = [recorded(1, seededRandom(1))];
    await recordRequests({ db, tenantId: alice, events });
    await recordRequests({ db, tenantId: bob, events });
    expect(await storedUsage(alice)).toEqual(usageOf(events));
    expect(await storedUsage(bob)).toEqual(usageOf(events));
    await expect(recordRequests({ db, tenantId: crypto.randomUUID(), events })).rejects.toThrow();
  });
});

async function mintTenant(): Promise<string> {
  const tenantId = crypto.randomUUID();
  await owner.query(`insert into tenants (id, name, slug, region) values ($1::uuid, 'Test', $1::text, 'eu')`, [
    tenantId,
  ]);
  return tenantId;
}

function recorded(at: number, random: () => number, change: Partial<RequestRecorded> = {}): RequestRecorded {
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
  const startedAt = START + Math.floor(random() * 5 * HOUR_MS);
  return {
    type: 'request.recorded',
    requestId: crypto.randomUUID(),
    revision: 1,
    environmentId: pick(ENVIRONMENTS),
    apiKeyId: pick(KEYS),
    provider: pick(['openai', 'anthropic'] as const),
    model: pick(['small', 'large']),
    taskType: 'chat',
    status: pick(['completed', 'failed', 'canceled'] as const),
    errorCode: null,
    usage: { inputTokens: at, outputTokens: Math.floor(random() * 1_000) },
    costPicoUsd: String(Math.floor(random() * 1e15)),
    priceVersion: crypto.randomUUID(),
    latencyMs: at,
    startedAt,
    endedAt: startedAt + at,
    traceId: null,
    metadata: { at },
    ...change,
  };
}

function corrected(event: RequestRecorded, usage: RequestRecorded['usage'], costPicoUsd: string): RequestRecorded {
  return { ...event, revision: 2, status: 'completed', usage, costPicoUsd };
}

async function storedRequests(tenantId: string): Promise<string[]> {
  const { rows } = await owner.query<{ row: string }>(
    `select concat_ws(' ', id, revision, status, cost_usd, coalesce(input_token_count::text, '-'),
       coalesce(output_token_count::text, '-'), (extract(epoch from created_at) * 1000)::bigint) as row
     from requests where tenant_id = $1`,
    [tenantId],
  );
  return rows.map(({ row }) => row).sort();
}

function rowsOf(events: readonly RequestRecorded[]): string[] {
  return events
    .map(({ requestId, revision, status, costPicoUsd, usage, startedAt }) =>
      [
        requestId,
        revision,
        status,
        usd(BigInt(costPicoUsd)),
        usage.inputTokens ?? '-',
        usage.outputTokens ?? '-',
        startedAt,
      ].join(' '),
    )
    .sort();
}

async function storedUsage(tenantId: string): Promise<string[]> {
  const { rows } = await owner.query<{ row: string }>(
    `select concat_ws(' ', (extract(epoch from period_start) * 1000)::bigint, period_end - period_start, unit,
       environment_id, coalesce(api_key_id::text, '-'), provider, model, value, cost_usd) as row
     from usage_aggregates where tenant_id = $1`,
    [tenantId],
  );
  return rows.map(({ row }) => row).sort();
}

/** The usage that the events make, counted here: by hour and dimension, in whole numbers of pico-units. */
function usageOf(events: readonly RequestRecorded[]): string[] {
  const sums = new Map<string, { value: bigint; cost: bigint }>();
  for (const { startedAt, environmentId, apiKeyId, provider, model, usage, costPicoUsd } of events) {
    const hour = startedAt - (startedAt % HOUR_MS);
    const tokens = BigInt((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0));
    const measures = { requests: 10n ** 12n, tokens: tokens * 10n ** 12n, cost_usd: BigInt(costPicoUsd) };
    for (const [unit, value] of Object.entries(measures)) {
      const key = [unit, environmentId, apiKeyId ?? '-', provider, model].join(' ');
      const sum = sums.get(`${hour} 01:00:00 ${key}`) ?? { value: 0n, cost: 0n };
      sums.set(`${hour} 01:00:00 ${key}`, { value: sum.value + value, cost: sum.cost + BigInt(costPicoUsd) });
    }
  }
  return [...sums].map(([key, { value, cost }]) => `${key} ${usd(value)} ${usd(cost)}`).sort();
}

function usd(pico: bigint): string {
  const digits = String(pico).padStart(13, '0');
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`;
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, order: random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ value }) => value);
}

function batches<T>(values: readonly T[], size: () => number): T[][] {
  const result: T[][] = [];
  for (let at = 0; at < values.length; ) {
    const end = at + size();
    result.push(values.slice(at, end));
    at = end;
  }
  return result;
}
