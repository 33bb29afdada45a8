import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestRecorded } from '../../../shared/contracts/queues.ts';
import { createDatabase, type Database } from '../../../shared/db/client.ts';
import { bucketOf } from '../../../shared/domain/usage/latency-buckets.ts';
import { recordRequests } from '../../../shared/services/record-requests.ts';
import { type LedgerLines, ledgerOf, storedLedger } from '../../harness/ledger-truth.ts';
import { createTestDatabase } from '../../harness/postgres.ts';
import { batches, correctedEvent, recordedEvent, routingDecision, shuffled } from '../../harness/request-events.ts';
import { seededRandom } from '../../harness/seeded-random.ts';

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

/** Fewer than the connections that the database's bridge has, so that none waits for one. */
const AT_ONCE = 12;

const [POLICY, OTHER_POLICY] = [crypto.randomUUID(), crypto.randomUUID()];

describe('recordRequests', () => {
  it('1,000 requests delivered one to five times, shuffled and at once, are one row each and counted once', async () => {
    const tenantId = await mintTenant();
    const random = seededRandom(42);
    const events = Array.from({ length: 1_000 }, (_, at) => recordedEvent(at, random));
    const deliveries = shuffled(
      events.flatMap((event) => Array.from({ length: 1 + Math.floor(random() * 5) }, () => event)),
      random,
    );
    expect(deliveries.length).toBeGreaterThan(2_500);
    const waiting = batches(deliveries, () => 1 + Math.floor(random() * 100));
    const lane = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) await recordRequests({ db, tenantId, events: next });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    expect(await stored(tenantId)).toEqual(ledgerOf(events));
  });

  it('estimates and corrections in any order leave what the corrections say', async () => {
    const tenantId = await mintTenant();
    const random = seededRandom(7);
    const estimates = Array.from({ length: 300 }, (_, at) =>
      recordedEvent(at, random, { status: 'estimated', usage: {} }),
    );
    const corrections = estimates
      .filter((_, at) => at % 3 !== 0)
      .map((event, at) => correctedEvent(event, { inputTokens: 10 + at, outputTokens: at }, String(1_000_001 + at)));
    const truth = [...estimates.filter((_, at) => at % 3 === 0), ...corrections];
    const deliveries = shuffled([...estimates, ...corrections, ...corrections], random);
    await Promise.all(batches(deliveries, () => 25).map((events) => recordRequests({ db, tenantId, events })));
    expect(await stored(tenantId)).toEqual(ledgerOf(truth));
  });

  it.each([
    ['the estimate first', [1, 2]],
    ['the correction first', [2, 1]],
    ['a correction of a correction between', [1, 3, 2]],
  ])('a request has the usage of its highest revision: %s', async (_, order) => {
    const tenantId = await mintTenant();
    const estimate = recordedEvent(1, seededRandom(1), { status: 'estimated', usage: {}, costPicoUsd: '5000000000' });
    const revisions = order.map((revision) =>
      revision === 1
        ? estimate
        : { ...correctedEvent(estimate, { inputTokens: revision, outputTokens: 1 }, `${revision}`), revision },
    );
    for (const event of revisions) await recordRequests({ db, tenantId, events: [event] });
    const newest = revisions.filter(({ revision }) => revision === Math.max(...order));
    expect(await stored(tenantId)).toEqual(ledgerOf(newest));
  });

  it('both revisions in one batch count as the newer', async () => {
    const tenantId = await mintTenant();
    const estimate = recordedEvent(1, seededRandom(1), { status: 'estimated' });
    const correction = correctedEvent(estimate, { inputTokens: 1 }, '1');
    await recordRequests({ db, tenantId, events: [correction, estimate, correction] });
    expect(await stored(tenantId)).toEqual(ledgerOf([correction]));
  });

  it.each<[string, Partial<RequestRecorded>, keyof LedgerLines]>([
    ['one pico-dollar', { costPicoUsd: '2' }, 'money'],
    ['one token', { usage: { inputTokens: 2 } }, 'usage'],
    ['another bucket', { latencyMs: 100 }, 'outcomes'],
    ['another end', { status: 'failed' }, 'outcomes'],
    ['another policy', { routing: routingDecision(crypto.randomUUID(), 0) }, 'usage'],
    ['another policy of an end', { routing: routingDecision(crypto.randomUUID(), 0) }, 'outcomes'],
    ['another candidate', { routing: routingDecision(null, 1) }, 'usage'],
  ])('control: the comparison notices %s', async (_, change, part) => {
    const event = recordedEvent(1, seededRandom(1), {
      ...{ costPicoUsd: '1', usage: { inputTokens: 1 }, latencyMs: 1, status: 'completed' },
      routing: routingDecision(null, 0),
    });
    expect(ledgerOf([event])[part]).not.toEqual(ledgerOf([{ ...event, ...change }])[part]);
  });

  it('takes latencies for the same buckets as SQL does', async () => {
    const latencies = [
      ...Array.from({ length: 5_000 }, (_, at) => at),
      ...fc.sample(fc.nat(2 ** 31 - 1), { numRuns: 5_000, seed: 8 }),
    ];
    const { rows } = await owner.query<{ buckets: number[] }>(
      `select array_agg(latency_bucket(latency) order by ordinality) as buckets
       from unnest($1::bigint[]) with ordinality as each (latency)`,
      [latencies],
    );
    expect(rows[0]?.buckets).toEqual(latencies.map(bucketOf));
  });

  it('keeps how each call went, where there was more than one', async () => {
    const tenantId = await mintTenant();
    const call = { provider: 'openai', model: 'small', startedAt: 1, endedAt: 2 } as const;
    const attempts: RequestRecorded['attempts'] = [
      { ...call, status: 'failed', errorCode: 'overloaded', retryAfterMs: 5 },
      { ...call, status: 'completed', errorCode: null },
    ];
    const [once, twice] = [recordedEvent(1, seededRandom(1)), recordedEvent(2, seededRandom(2), { attempts })];
    await recordRequests({ db, tenantId, events: [once, twice] });
    const { rows } = await owner.query('select id, attempts from requests where tenant_id = $1 order by latency_ms', [
      tenantId,
    ]);
    expect(rows.find(({ id }) => id === once.requestId)).toMatchObject({ attempts: null });
    expect(rows.find(({ id }) => id === twice.requestId)).toMatchObject({ attempts });
  });

  it.each<[string, RequestRecorded['routing'] | null, string | null, boolean]>([
    ['the first candidate served', routingDecision(POLICY, 0), POLICY, false],
    ['the second served', routingDecision(POLICY, 1), POLICY, true],
    ['another one served, without a policy', routingDecision(null, 2), null, true],
    ['none served', routingDecision(POLICY, 3), POLICY, false],
    ['there was nothing to choose', null, null, false],
    ['the decision is of another form', { policyId: 'cheap-first', candidates: 'two' }, null, false],
  ])('keeps the policy that decided, and if it fell back: %s', async (_name, routing, policy, isFallback) => {
    const tenantId = await mintTenant();
    const { routing: _, ...event } = recordedEvent(1, seededRandom(1), { costPicoUsd: '5' });
    await recordRequests({ db, tenantId, events: [{ ...event, ...(routing && { routing }) }] });
    const { rows } = await owner.query(
      `select routing_policy_id, is_fallback, (select array_agg(distinct routing_policy_id) from outcome_aggregates where tenant_id = $1) as ends,
         (select array_agg(distinct concat_ws(' ', routing_policy_id, value::float8, cost_usd))
          from usage_aggregates where tenant_id = $1 and unit = 'fallbacks') as fallbacks
       from requests where tenant_id = $1`,
      [tenantId],
    );
    const fallbacks = isFallback ? [[policy, 1, '0.000000000005'].filter((part) => part !== null).join(' ')] : null;
    expect(rows).toEqual([{ routing_policy_id: policy, is_fallback: isFallback, ends: [policy], fallbacks }]);
  });

  it('follows a correction in what fell back, to another cost, another policy, and to none', async () => {
    const tenantId = await mintTenant();
    const routing = routingDecision(POLICY, 1);
    const estimate = recordedEvent(1, seededRandom(1), { status: 'estimated', costPicoUsd: '5', routing });
    const costlier = correctedEvent(estimate, {}, '7');
    const moved = { ...correctedEvent(costlier, {}, '7'), routing: routingDecision(OTHER_POLICY, 1) };
    const served = { ...correctedEvent(moved, {}, '7'), routing: routingDecision(OTHER_POLICY, 0) };
    for (const event of [estimate, costlier, moved, served]) {
      await recordRequests({ db, tenantId, events: [event] });
      expect(await stored(tenantId)).toEqual(ledgerOf([event]));
    }
  });

  it('counts what an answer saved whose tokens are not known', async () => {
    const tenantId = await mintTenant();
    const hit = (requestId: string, savedPicoUsd: string, savedTokens: number) =>
      recordedEvent(1, seededRandom(1), { requestId, cache: { outcome: 'exact', savedPicoUsd, savedTokens } });
    const events = [hit(crypto.randomUUID(), '7', 3), hit(crypto.randomUUID(), '5', 0)];
    for (const event of events) await recordRequests({ db, tenantId, events: [event] });
    expect(await stored(tenantId)).toEqual(ledgerOf(events));
  });

  it('tells once what a correction corrected', async () => {
    const tenantId = await mintTenant();
    const estimate = recordedEvent(1, seededRandom(1), { status: 'estimated', costPicoUsd: '5' });
    const correction = correctedEvent(estimate, {}, '3');
    for (const event of [estimate, correction, correction, estimate]) {
      await recordRequests({ db, tenantId, events: [event] });
    }
    const { rows } = await owner.query('select request_id, type, payload from request_events where tenant_id = $1', [
      tenantId,
    ]);
    expect(rows).toEqual([
      {
        ...{ request_id: estimate.requestId, type: 'request.corrected' },
        payload: {
          ...{ revision: 2, status: 'completed', costUsd: '0.000000000003' },
          previous: { revision: 1, status: 'estimated', costUsd: '0.000000000005' },
        },
      },
    ]);
  });

  it('moves a request’s counts when its correction says another provider, hour and end', async () => {
    const tenantId = await mintTenant();
    const estimate = recordedEvent(1, seededRandom(1), { status: 'estimated', provider: 'openai', latencyMs: 10 });
    const moved = { ...correctedEvent(estimate, {}, '3'), provider: 'mistral' as const, latencyMs: 90 };
    const correction = { ...moved, startedAt: estimate.startedAt + 36 * 3_600_000 };
    await recordRequests({ db, tenantId, events: [estimate] });
    await recordRequests({ db, tenantId, events: [correction] });
    expect(await stored(tenantId)).toEqual(ledgerOf([correction]));
    const { rows } = await owner.query(
      `select distinct latency_buckets, latency_counts from outcome_aggregates where tenant_id = $1 and requests = 0`,
      [tenantId],
    );
    expect(rows).toEqual([{ latency_buckets: [], latency_counts: [] }]);
  });

  it('keeps every count that the provider told, and null for those that it did not', async () => {
    const tenantId = await mintTenant();
    const [told, untold] = [crypto.randomUUID(), crypto.randomUUID()];
    const counts = { audioInputTokens: 3, audioOutputTokens: 4, cachedInputTokens: 5, cacheWriteTokens: 6 };
    const usage = { inputTokens: 1, outputTokens: 2, ...counts, reasoningTokens: 7, searches: 8 };
    const random = seededRandom(1);
    const events = [
      recordedEvent(1, random, { requestId: told, usage }),
      recordedEvent(2, random, { requestId: untold, usage: {} }),
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
      recordedEvent(at, seededRandom(at), { metadata: { [`${text}${at}`]: { text }, list: [text] }, errorCode: text }),
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
    const events = [recordedEvent(1, seededRandom(1))];
    await recordRequests({ db, tenantId: alice, events });
    await recordRequests({ db, tenantId: bob, events });
    expect(await stored(alice)).toEqual(ledgerOf(events));
    expect(await stored(bob)).toEqual(ledgerOf(events));
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

const stored = (tenantId: string) =>
  storedLedger(async (text, values) => (await owner.query(text, values)).rows, tenantId);
