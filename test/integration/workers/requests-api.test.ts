import { describe, expect, it } from 'vitest';
import type { Problem } from '../../../shared/contracts/http/problem.ts';
import type { RequestDetail, RequestView } from '../../../shared/contracts/http/requests.ts';
import { eventually } from '../../harness/eventually.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { addMember, mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { read, readAll, record, requestIdAt, type TestPage } from '../../harness/recorded-tenant.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOON = Math.floor(Date.now() / DAY) * DAY - 1.5 * DAY;
const NOBODYS = '00000000-0000-7000-8000-0000000000ff';

const list = (tenant: TestTenant, query = '') => read<TestPage<RequestView>>(tenant, `/v1/requests${query}`);
const idsOf = (views: readonly RequestView[]) => views.map(({ id }) => id);

async function refused({ headers }: Pick<TestTenant, 'headers'>, path: string) {
  const { instance: _, ...problem } = await (await call('GET', path, { headers })).json<Problem>();
  return problem;
}

describe.each(['/v1/requests', `/v1/requests/${NOBODYS}`])('GET %s', (path) => {
  const status = path.endsWith(NOBODYS) ? 404 : 200;

  it('serves a key and an access token with the permission, and no other', async () => {
    const tenant = await mintTenant({ scopes: ['usage:read'] });
    expect((await call('GET', path, { headers: tenant.headers })).status).toBe(status);
    const other = await mintTenant({ scopes: ['orchestrate:invoke'] });
    expect(await refused(other, path)).toMatchObject({ status: 403, code: 'permission_denied' });
    const bearer = { authorization: `Bearer ${testEnv.MEMBER_TOKEN}`, 'x-tenant-id': tenant.tenantId };
    expect(await refused({ headers: bearer }, path)).toMatchObject({ status: 403, code: 'tenant_mismatch' });
    await addMember(tenant, 'viewer');
    expect((await call('GET', path, { headers: bearer })).status).toBe(status);
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
});

describe('GET /v1/requests', () => {
  it('is empty for a tenant without requests', async () => {
    expect(await list(await mintTenant())).toEqual({ data: [], nextCursor: null });
  });

  it('has every request once, newest first, in pages of any length', async () => {
    const tenant = await mintTenant();
    const sameTime = [NOON, NOON, NOON];
    const times = [...sameTime, NOON + 1, NOON - 40 * DAY, NOON - 41 * DAY, NOON - 300 * DAY, NOON + HOUR];
    const recorded = await record(
      tenant,
      times.map((startedAt) => ({ startedAt })),
    );
    const expected = recorded
      .toSorted((one, other) => other.startedAt - one.startedAt || (one.requestId < other.requestId ? 1 : -1))
      .map(({ requestId }) => requestId);
    for (const limit of [1, 2, 3, 500]) {
      expect(idsOf(await readAll<RequestView>(tenant, `/v1/requests?limit=${limit}`))).toEqual(expected);
    }
  });

  it('finds a request whose lease is nearly a day older than it', async () => {
    const tenant = await mintTenant();
    const midnight = Math.floor(NOON / DAY) * DAY;
    const requestId = requestIdAt(midnight - 23 * HOUR);
    await record(tenant, [{ startedAt: midnight + 1, requestId }]);
    expect(idsOf((await list(tenant)).data)).toEqual([requestId]);
  });

  it('can be narrowed to a range and by every field', async () => {
    const tenant = await mintTenant();
    const { environmentId, apiKeyId } = tenant;
    const other = crypto.randomUUID();
    const changes = [
      {},
      { provider: 'anthropic', model: 'claude' },
      { status: 'failed', errorCode: 'provider_timeout' },
      { status: 'failed', errorCode: 'provider_failed', apiKeyId: null },
      { environmentId: other },
      { taskType: 'embedding' },
      { costPicoUsd: '5000000000000' },
    ] as const;
    const recorded = await record(
      tenant,
      changes.map((change, at) => ({ startedAt: NOON + at, ...change })),
    );
    const found = async (query: string) => {
      const ids = idsOf(await readAll<RequestView>(tenant, `/v1/requests?limit=2&${query}`));
      return ids.map((id) => recorded.findIndex(({ requestId }) => requestId === id));
    };
    expect(await found('provider=anthropic')).toEqual([1]);
    expect(await found('model=claude')).toEqual([1]);
    expect(await found('status=failed')).toEqual([3, 2]);
    expect(await found('status=completed')).toEqual([6, 5, 4, 1, 0]);
    expect(await found('errorCode=provider_timeout')).toEqual([2]);
    expect(await found('status=estimated')).toEqual([]);
    expect(await found(`apiKeyId=${apiKeyId}&status=failed`)).toEqual([2]);
    expect(await found(`apiKeyId=${apiKeyId}`)).toEqual([6, 5, 4, 2, 1, 0]);
    expect(await found(`environmentId=${other}`)).toEqual([4]);
    expect(await found(`environmentId=${environmentId}&provider=openai&status=completed`)).toEqual([6, 5, 0]);
    expect(await found('taskType=embedding')).toEqual([5]);
    expect(await found('minCostUsd=5')).toEqual([6]);
    expect(await found('minCostUsd=5.000000000001')).toEqual([]);
    const at = (offset: number) => new Date(NOON + offset).toISOString();
    expect(await found(`from=${at(2)}&to=${at(5)}`)).toEqual([4, 3, 2]);
    expect(await found(`from=${at(9)}`)).toEqual([]);
    expect(await found(`to=${at(0)}`)).toEqual([]);
  });

  it.each([
    ['status=lost', '/status'],
    ['from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', '/from'],
    ['to=now', '/to'],
    ['minCostUsd=-1', '/minCostUsd'],
    ['apiKeyId=mine', '/apiKeyId'],
    ['limit=501', '/limit'],
    ['cursor=abc', '/cursor'],
    ['colour=red', '/colour'],
  ])('refuses %s by the field', async (query, pointer) => {
    const problem = await refused(await mintTenant(), `/v1/requests?${query}`);
    expect(problem).toMatchObject({ status: 400, code: 'bad_request', errors: [{ pointer }] });
  });
});

describe('GET /v1/requests/{id}', () => {
  const PRICES = [
    { kind: 'input', picoUsdPerUnit: '150000', fromInputTokens: 0 },
    { kind: 'cached_input', picoUsdPerUnit: '75000', fromInputTokens: 0 },
    { kind: 'output', picoUsdPerUnit: '600000', fromInputTokens: 0 },
  ] as const;
  const usage = { inputTokens: 100, cachedInputTokens: 40, outputTokens: 10 };
  const costPicoUsd = String(60 * 150_000 + 40 * 75_000 + 10 * 600_000);
  const detail = (tenant: TestTenant, id = '') => read<RequestDetail>(tenant, `/v1/requests/${id}`);

  it('shows how a bill comes about, by the tenant’s own prices', async () => {
    const tenant = await mintTenant();
    const change = { startedAt: NOON, usage, costPicoUsd, ownPrices: [...PRICES], metadata: { team: 'a' } };
    const [event] = await record(tenant, [change]);
    const found = await detail(tenant, event?.requestId);
    expect(found).toMatchObject({ metadata: { team: 'a' }, costUsd: 0.000018, inputTokenCount: 100 });
    expect(found.bill).toEqual({
      ...{ priceVersionId: event?.priceVersion, hasOwnPrices: true, costUsd: '0.000018', isExplained: true },
      lines: [
        { kind: 'cached_input', units: 40, usdPerUnit: '0.000000075', fromInputTokens: 0, costUsd: '0.000003' },
        { kind: 'input', units: 60, usdPerUnit: '0.00000015', fromInputTokens: 0, costUsd: '0.000009' },
        { kind: 'output', units: 10, usdPerUnit: '0.0000006', fromInputTokens: 0, costUsd: '0.000006' },
      ],
    });
  });

  it('says so where usage and prices do not make the bill', async () => {
    const tenant = await mintTenant();
    const change = { startedAt: NOON, usage, ownPrices: [...PRICES], costPicoUsd: `${costPicoUsd}1` };
    const [event] = await record(tenant, [change]);
    expect((await detail(tenant, event?.requestId)).bill).toMatchObject({ isExplained: false });
  });

  it('has what the gateway and the ledger made of a real request, by the price list', async () => {
    const tenant = await mintTenant();
    const body = { input: 'hello', providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }] };
    expect((await orchestrate(tenant.headers, body)).status).toBe(200);
    const { data } = await eventually(
      () => list(tenant),
      (page) => page.data.length > 0,
    );
    const found = await detail(tenant, data[0]?.id);
    expect(found).toMatchObject({ ...data[0], provider: 'openai', model: 'gpt-4o-mini', status: 'completed' });
    expect(found.bill).toMatchObject({ hasOwnPrices: false, isExplained: true, costUsd: '0.00000465' });
    expect(found.attempts).toMatchObject([{ provider: 'openai', model: 'gpt-4o-mini', status: 'completed' }]);
    expect(found.events.map(({ type }) => type)).toEqual(['request.started', 'request.completed']);
  });

  it('has every attempt where there were several', async () => {
    const tenant = await mintTenant();
    const [start, later] = [NOON, NOON + 50];
    const attempts = [
      {
        provider: 'openai',
        model: 'a',
        startedAt: start,
        endedAt: later,
        status: 'failed',
        errorCode: 'provider_failed',
      },
      { provider: 'anthropic', model: 'b', startedAt: later, endedAt: later + 9, status: 'completed', errorCode: null },
    ] as const;
    const [event] = await record(tenant, [{ startedAt: start, attempts: [...attempts] }]);
    expect((await detail(tenant, event?.requestId)).attempts).toEqual(
      attempts.map((attempt) => ({
        ...attempt,
        startedAt: new Date(attempt.startedAt).toISOString(),
        endedAt: new Date(attempt.endedAt).toISOString(),
      })),
    );
  });

  it('tells of a correction, and what it corrected', async () => {
    const tenant = await mintTenant();
    const lost = { startedAt: NOON, status: 'estimated', errorCode: 'settlement_lost', costPicoUsd: '900' } as const;
    const [event] = await record(tenant, [lost]);
    const { requestId } = event ?? {};
    expect((await detail(tenant, requestId)).events.map(({ type }) => type)).toEqual([
      'request.started',
      'request.estimated',
    ]);
    await record(tenant, [{ startedAt: NOON, requestId: requestId ?? '', revision: 2 }]);
    const { events, revision, costUsd } = await detail(tenant, requestId);
    expect({ revision, costUsd }).toEqual({ revision: 2, costUsd: 7e-12 });
    expect(events.map(({ type }) => type)).toEqual(['request.started', 'request.completed', 'request.corrected']);
    expect(events[2]?.payload).toMatchObject({ previous: { status: 'estimated', costUsd: '0.000000000900' } });
  });

  it('T1: tells of another tenant’s request what it tells of none', async () => {
    const [alice, bob] = [await mintTenant(), await mintTenant()];
    const [event] = await record(alice, [{ startedAt: NOON }]);
    const theirs = await refused(bob, `/v1/requests/${event?.requestId}`);
    expect(theirs).toEqual(await refused(bob, `/v1/requests/${NOBODYS}`));
    expect(theirs).toMatchObject({ status: 404, code: 'not_found' });
    expect(await list(bob)).toEqual({ data: [], nextCursor: null });
    const { nextCursor } = await list(alice, '?limit=1');
    expect(nextCursor).toBeNull();
    expect(idsOf((await list(alice)).data)).toEqual([event?.requestId]);
  });

  it('is named by a UUID', async () => {
    expect(await refused(await mintTenant(), '/v1/requests/latest')).toMatchObject({ status: 400 });
  });
});
