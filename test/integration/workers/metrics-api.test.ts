import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import type { ErrorsPeriod } from '../../../shared/contracts/http/error-metrics.ts';
import type { LatencyPeriod } from '../../../shared/contracts/http/latency-metrics.ts';
import type { Problem } from '../../../shared/contracts/http/problem.ts';
import type { Statement } from '../../../shared/contracts/http/statements.ts';
import type { UsagePeriod } from '../../../shared/contracts/http/usage-metrics.ts';
import { usageAsOf } from '../../../shared/services/usage-as-of.ts';
import { eventually } from '../../harness/eventually.ts';
import { countOf, drawsOf, endOf, mintGateTenant, recordOf } from '../../harness/gate-tenant.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { addMember, mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { read, readAll, record, type TestPage } from '../../harness/recorded-tenant.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The day before yesterday, at noon. */
const NOON = Math.floor(Date.now() / DAY) * DAY - 1.5 * DAY;
const RANGE = `from=${new Date(NOON - DAY).toISOString()}&to=${new Date(NOON + DAY).toISOString()}`;

type Fresh = { readonly asOf: string | null };

const PATHS = ['usage', 'latency', 'errors', 'statement?month=2026-10'].map((name) => `/v1/metrics/${name}`);

async function refused({ headers }: Pick<TestTenant, 'headers'>, path: string) {
  const response = await call('GET', path, { headers });
  return response.json<Problem>();
}

/** A tenant with requests in two hours, to three models, some of which failed. */
async function busyTenant(): Promise<TestTenant> {
  const tenant = await mintTenant();
  const failed = { status: 'failed', errorCode: 'provider_failed', usage: {}, costPicoUsd: '0' } as const;
  await record(
    tenant,
    [NOON, NOON + HOUR].flatMap((startedAt) => [
      { startedAt, latencyMs: 100 },
      { startedAt, latencyMs: 2_000, costPicoUsd: '1000000000000' },
      { startedAt, provider: 'anthropic' as const, model: 'claude', apiKeyId: null },
      { startedAt, provider: 'google' as const, model: 'gemini', ...failed },
      { startedAt, provider: 'google' as const, model: 'gemini', ...failed, errorCode: 'provider_timeout' },
      { startedAt, provider: 'google' as const, model: 'gemini', ...failed, errorCode: 'provider_timeout' },
      { startedAt, provider: 'google' as const, model: 'gemini', status: 'canceled' as const, errorCode: 'canceled' },
    ]),
  );
  return tenant;
}

describe.each(PATHS)('GET %s', (path) => {
  it('serves a key and an access token with the permission, and no other', async () => {
    const tenant = await mintTenant({ scopes: ['usage:read'] });
    expect((await call('GET', path, { headers: tenant.headers })).status).toBe(200);
    const other = await mintTenant({ scopes: ['orchestrate:invoke'] });
    expect(await refused(other, path)).toMatchObject({ status: 403, code: 'permission_denied' });
    const bearer = { authorization: `Bearer ${testEnv.MEMBER_TOKEN}`, 'x-tenant-id': tenant.tenantId };
    expect(await refused({ headers: bearer }, path)).toMatchObject({ status: 403, code: 'tenant_mismatch' });
    await addMember(tenant, 'viewer');
    expect((await call('GET', path, { headers: bearer })).status).toBe(200);
  });

  it('is for a tenant that is named, is the credential’s, and is not suspended', async () => {
    const [tenant, other] = [await mintTenant(), await mintTenant()];
    const { 'x-tenant-id': _, ...rest } = tenant.headers;
    expect(await refused({ headers: rest }, path)).toMatchObject({ code: 'tenant_header_missing' });
    const mismatched = { ...tenant.headers, 'x-tenant-id': other.tenantId };
    expect(await refused({ headers: mismatched }, path)).toMatchObject({ code: 'tenant_mismatch' });
    await ownerSql()`update tenants set status = 'suspended' where id = ${other.tenantId}`;
    expect(await refused(other, path)).toMatchObject({ code: 'tenant_suspended' });
  });

  it('has nothing of another tenant’s', async () => {
    await busyTenant();
    const tenant = await mintTenant();
    const joint = path.includes('?') ? '&' : '?';
    const empty = await read<Record<string, unknown>>(
      tenant,
      path.includes('month') ? path : `${path}${joint}${RANGE}`,
    );
    expect(empty.data ?? empty.lines).toEqual([]);
  });

  it.each([
    ['timeZone=Mars/Olympus', '/timeZone'],
    ['timeZone=%2B02:00', '/timeZone'],
    ['currency=EUR', '/currency'],
  ])('refuses %s by the field', async (query, pointer) => {
    const problem = await refused(await mintTenant(), `${path}${path.includes('?') ? '&' : '?'}${query}`);
    expect(problem).toMatchObject({ status: 400, code: 'bad_request', errors: [{ pointer }] });
  });
});

describe.each(['usage', 'latency', 'errors'])('GET /v1/metrics/%s', (name) => {
  it.each([
    ['from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', '/from'],
    ['from=2020-01-01T00:00:00Z&granularity=hour', '/from'],
    ['from=2000-01-01T00:00:00Z&granularity=day', '/from'],
    ['from=1990-01-01T00:00:00Z&granularity=month', '/from'],
    ['from=yesterday', '/from'],
    ['granularity=week', '/granularity'],
    ['groupBy=region', '/groupBy/0'],
    ['groupBy=model,model', '/groupBy'],
    ['provider=acme', '/provider'],
    ['environmentId=dev', '/environmentId'],
    ['limit=0', '/limit'],
    ['cursor=abc', '/cursor'],
    [`cursor=${btoa('[1,"a","b","c"]')}`, '/cursor'],
  ])('refuses %s by the field', async (query, pointer) => {
    const problem = await refused(await mintTenant(), `/v1/metrics/${name}?${query}`);
    expect(problem).toMatchObject({ status: 400, code: 'bad_request', errors: [{ pointer }] });
  });

  it('comes in pages of any length, each item once', async () => {
    const tenant = await busyTenant();
    const path = `/v1/metrics/${name}?${RANGE}&granularity=hour&groupBy=model,provider`;
    const whole = await read<TestPage<object>>(tenant, path);
    expect(whole.nextCursor).toBeNull();
    expect(whole.data.length).toBeGreaterThan(3);
    for (const limit of [1, 2, 3]) expect(await readAll(tenant, `${path}&limit=${limit}`)).toEqual(whole.data);
  });
});

describe('GET /v1/metrics/usage', () => {
  const usage = async (tenant: TestTenant, query: string) =>
    (await read<TestPage<UsagePeriod>>(tenant, `/v1/metrics/usage?${RANGE}&${query}`)).data;

  it('tells usage apart by what is asked for', async () => {
    const tenant = await busyTenant();
    const { environmentId, apiKeyId } = tenant;
    expect(await usage(tenant, 'unit=cost_usd')).toMatchObject([{ value: 1.000000000021 }, { value: 1.000000000021 }]);
    const byAll = await usage(tenant, 'granularity=day&groupBy=environment,apiKey,provider,model');
    expect(byAll.map(({ value, provider }) => [provider, value])).toEqual([
      ['anthropic', 2],
      ['google', 8],
      ['openai', 4],
    ]);
    expect(byAll[0]).toMatchObject({ environmentId, apiKeyId: null, model: 'claude' });
    expect(byAll[2]).toMatchObject({ environmentId, apiKeyId, model: 'gpt-4o-mini' });
    expect(await usage(tenant, 'granularity=day&provider=google&unit=tokens')).toMatchObject([{ value: 14 }]);
    expect(await usage(tenant, `granularity=month&apiKeyId=${apiKeyId}&model=gemini`)).toMatchObject([{ value: 8 }]);
    expect(await usage(tenant, `environmentId=${tenant.userId}`)).toEqual([]);
  });

  it('has days of the tenant’s own time zone, unless another is asked for', async () => {
    const tenant = await mintTenant();
    await ownerSql()`update tenants set time_zone = 'Asia/Tokyo' where id = ${tenant.tenantId}`;
    await record(tenant, [{ startedAt: NOON }]);
    const start = async (query: string) =>
      (await usage(tenant, `granularity=day${query}`))[0]?.periodStart.slice(11, 16);
    expect(await start('')).toBe('15:00');
    expect(await start('&timeZone=UTC')).toBe('00:00');
  });
});

describe('GET /v1/metrics/latency', () => {
  it('has quantiles by provider and model of what completed', async () => {
    const tenant = await busyTenant();
    const { data } = await read<TestPage<LatencyPeriod>>(tenant, `/v1/metrics/latency?${RANGE}`);
    expect(data.map(({ provider, count }) => [provider, count])).toEqual([
      ['anthropic', 2],
      ['openai', 4],
    ]);
    const [, openai] = data;
    expect(Math.abs((openai?.p50 ?? 0) / 100 - 1)).toBeLessThan(0.025);
    expect(Math.abs((openai?.p95 ?? 0) / 2_000 - 1)).toBeLessThan(0.025);
    expect(openai?.p99).toBe(openai?.p95);
  });

  it('is of other ends, and of all together, where that is asked for', async () => {
    const tenant = await busyTenant();
    const counts = async (query: string) =>
      (await read<TestPage<LatencyPeriod>>(tenant, `/v1/metrics/latency?${RANGE}&${query}`)).data.map(
        ({ count }) => count,
      );
    expect(await counts('groupBy=')).toEqual([6]);
    expect(await counts('groupBy=&status=failed')).toEqual([6]);
    expect(await counts('groupBy=&status=estimated')).toEqual([]);
    expect(await counts('groupBy=environment&granularity=hour')).toEqual([3, 3]);
    expect(await counts('granularity=month&provider=openai')).toEqual([4]);
  });
});

describe('GET /v1/metrics/errors', () => {
  it('has what failed of all, and how', async () => {
    const tenant = await busyTenant();
    const { data } = await read<TestPage<ErrorsPeriod>>(tenant, `/v1/metrics/errors?${RANGE}`);
    expect(data).toMatchObject([
      { provider: 'anthropic', requests: 2, failed: 0, errorRate: 0, errors: [] },
      { provider: 'google', model: 'gemini', requests: 8, failed: 6, errorRate: 0.75 },
      { provider: 'openai', requests: 4, failed: 0 },
    ]);
    expect(data[1]?.errors).toEqual([
      { errorCode: 'provider_timeout', requests: 4 },
      { errorCode: 'canceled', requests: 2 },
      { errorCode: 'provider_failed', requests: 2 },
    ]);
  });
});

describe('GET /v1/metrics/statement', () => {
  const month = new Date(NOON).toISOString().slice(0, 7);

  it('has what a month cost, in lines that sum to it', async () => {
    const tenant = await busyTenant();
    const statement = await read<Statement>(tenant, `/v1/metrics/statement?month=${month}`);
    expect(statement).toMatchObject({
      month,
      timeZone: 'UTC',
      requests: 14,
      costUsd: '2.000000000042',
      amountUsd: '2.00',
    });
    expect(statement.lines.map(({ provider, costUsd, amountUsd }) => [provider, costUsd, amountUsd])).toEqual([
      ['anthropic', '0.000000000014', '0.00'],
      ['google', '0.000000000014', '0.00'],
      ['openai', '2.000000000014', '2.00'],
    ]);
  });

  it('is final once the month is over and counted', async () => {
    const tenant = await mintTenant();
    expect(await read<Statement>(tenant, '/v1/metrics/statement?month=2024-02')).toMatchObject({
      isFinal: true,
      lines: [],
    });
    const now = new Date().toISOString().slice(0, 7);
    expect(await read<Statement>(tenant, `/v1/metrics/statement?month=${now}`)).toMatchObject({ isFinal: false });
  });

  it.each(['2026-13', '2026', 'november'])('refuses the month %s', async (wrong) => {
    const problem = await refused(await mintTenant(), `/v1/metrics/statement?month=${wrong}`);
    expect(problem).toMatchObject({ status: 400, errors: [{ pointer: '/month' }] });
  });
});

describe('asOf', () => {
  const asOf = async (tenant: TestTenant) => Date.parse((await read<Fresh>(tenant, '/v1/metrics/usage')).asOf ?? '');

  it('moves with time, and a request that ended before it is counted', async () => {
    const tenant = await mintTenant();
    const request = { input: 'hello', providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }] };
    expect((await orchestrate(tenant.headers, request)).status).toBe(200);
    const ended = Date.now();
    const usage = () => read<TestPage<UsagePeriod> & Fresh>(tenant, '/v1/metrics/usage');
    const fresh = await eventually(usage, ({ asOf }) => Date.parse(asOf ?? '') >= ended);
    expect(Date.parse(fresh.asOf ?? '')).toBeGreaterThanOrEqual(ended);
    expect(fresh.data).toMatchObject([{ value: 1 }]);
  });

  it('stays behind what Postgres does not have yet', async () => {
    const world = await mintGateTenant();
    const { tenant, gate, hold, command } = world;
    const before = Date.now();
    const [leaseId, request] = [crypto.randomUUID(), hold()];
    const draws = await drawsOf(world, leaseId, request);
    const settled = { events: [recordOf(request)], settledIds: [request.requestId], statements: endOf(draws) };
    await gate.sync(command({ leaseId, sequence: 1, ...settled }));
    await runInDurableObject(gate, async (_object, { storage }) => {
      storage.sql.exec('UPDATE outbox SET due_at = ?', Date.now() + DAY);
      await storage.deleteAlarm();
    });
    const { unrecordedSince } = await gate.freshness();
    expect(unrecordedSince).toBeGreaterThanOrEqual(before);
    const stuck = await asOf(tenant);
    expect(stuck).toBeLessThan(unrecordedSince ?? 0);
    await eventually(
      async () => Date.now(),
      (now) => now > (unrecordedSince ?? 0) + 2_500,
    );
    expect(await asOf(tenant)).toBe(stuck);

    const { unrecorded, spentPicoUsd } = await gate.standing();
    expect(unrecorded).toEqual({ since: unrecordedSince, count: 1, picoUsd: spentPicoUsd });
    await gate.confirm([1]);
    expect(await countOf(gate, 'outbox')).toBe(0);
    expect(await asOf(tenant)).toBeGreaterThan(stuck);
    expect((await gate.standing()).unrecorded).toEqual({ since: null, count: 0, picoUsd: 0n });
  });

  it('asks every object that the tenant was ever spread over', async () => {
    const { tenant, gate } = await mintGateTenant();
    await runInDurableObject(gate, (_object, { storage }) => void storage.sql.exec('UPDATE shards_used SET most = 4'));
    const asked: number[] = [];
    const spread = (shard: number) => {
      asked.push(shard);
      if (shard === 3) return { freshness: async () => ({ unrecordedSince: 5_000, shards: 1 }) };
      return tenantGate(testEnv, tenant.tenantId, shard);
    };
    expect(await usageAsOf({ gate: spread, now: Date.now() })).toBe(4_000);
    expect(asked).toEqual([0, 1, 2, 3]);
  });

  it('is not known where no object answers', async () => {
    const away = { freshness: () => Promise.reject(new Error('away')) };
    expect(await usageAsOf({ gate: () => away, now: Date.now() })).toBeNull();
  });
});
