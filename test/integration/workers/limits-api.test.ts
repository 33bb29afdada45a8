import { describe, expect, it } from 'vitest';
import type { Budget, BudgetDetail } from '../../../shared/contracts/http/budgets.ts';
import type { LimitView } from '../../../shared/contracts/http/limits.ts';
import type { Problem } from '../../../shared/contracts/http/problem.ts';
import type { RateLimit } from '../../../shared/contracts/http/rate-limits.ts';
import { eventually } from '../../harness/eventually.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { addMember, mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';

const READ = 'policies:read';
const WRITE = 'policies:write';
const ALL = ['orchestrate:invoke', 'usage:read', READ, WRITE];
const NOBODYS = '00000000-0000-4000-8000-0000000000ff';
const BUDGET = { name: 'research', amountUsd: '250.000000000001', period: 'month' };
const RATE = { maxRequests: 600 };
const REQUEST = { input: 'hello', providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }] };
/** 11 input and 5 output tokens at $0.15 and $0.60 a million. */
const COST_USD = '0.00000465';

const mint = () => mintTenant({ scopes: ALL });

type Headers = Record<string, string>;

function send(headers: Headers, method: string, path: string, body?: unknown): Promise<Response> {
  return call(method, path, { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

/** Sends what must succeed. */
async function get<T>(headers: Headers, method: string, path: string, body?: unknown): Promise<T> {
  const response = await send(headers, method, path, body);
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json<T>();
}

/** Sends what must be refused; answers the problem without what is every request's own. */
async function refused(headers: Headers, method: string, path: string, body?: unknown) {
  const response = await send(headers, method, path, body);
  const { instance: _, ...problem } = await response.json<Problem>();
  return problem;
}

const limitsOf = async (tenant: TestTenant, query = '') =>
  (await get<{ data: LimitView[] }>(tenant.headers, 'GET', `/v1/limits${query}`)).data;

/** Every operation on limits: the permission that it asks for, and the status of one that is done. */
const OPERATIONS: [method: string, path: string, permission: string, status: number, body?: object][] = [
  ['GET', '/v1/limits', READ, 200],
  ['GET', '/v1/budgets', READ, 200],
  ['POST', '/v1/budgets', WRITE, 201, BUDGET],
  ['GET', `/v1/budgets/${NOBODYS}`, READ, 404],
  ['PATCH', `/v1/budgets/${NOBODYS}`, WRITE, 404, { hardStop: false }],
  ['DELETE', `/v1/budgets/${NOBODYS}`, WRITE, 404],
  ['GET', '/v1/rate-limits', READ, 200],
  ['POST', '/v1/rate-limits', WRITE, 201, RATE],
  ['GET', `/v1/rate-limits/${NOBODYS}`, READ, 404],
  ['PATCH', `/v1/rate-limits/${NOBODYS}`, WRITE, 404, RATE],
  ['DELETE', `/v1/rate-limits/${NOBODYS}`, WRITE, 404],
];

describe.each(OPERATIONS)('%s %s', (method, path, permission, status, body) => {
  it('serves a key and an access token with the permission, and no other', async () => {
    const tenant = await mintTenant({ scopes: [permission] });
    expect((await send(tenant.headers, method, path, body)).status).toBe(status);
    const other = await mintTenant({ scopes: ALL.filter((scope) => scope !== permission) });
    const denied = await refused(other.headers, method, path, body);
    expect(denied).toMatchObject({ status: 403, code: 'permission_denied' });

    const member = await mint();
    const bearer = (token: string) => ({
      ...{ authorization: `Bearer ${token}`, 'x-tenant-id': member.tenantId, 'content-type': 'application/json' },
    });
    expect(await refused(bearer(testEnv.MEMBER_TOKEN), method, path, body)).toMatchObject({ code: 'tenant_mismatch' });
    await addMember(member, 'admin');
    expect((await send(bearer(testEnv.MEMBER_TOKEN), method, path, body)).status).toBe(status);
    expect(await refused(bearer('abc'), method, path, body)).toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  it('is for a tenant that is named, is the credential’s, and is not suspended', async () => {
    const [tenant, other] = [await mint(), await mint()];
    const { 'x-tenant-id': _, ...rest } = tenant.headers;
    expect(await refused(rest, method, path, body)).toMatchObject({ status: 400, code: 'tenant_header_missing' });
    const mismatched = { ...tenant.headers, 'x-tenant-id': other.tenantId };
    expect(await refused(mismatched, method, path, body)).toMatchObject({ status: 403, code: 'tenant_mismatch' });
    await ownerSql()`update tenants set status = 'suspended' where id = ${other.tenantId}`;
    expect(await refused(other.headers, method, path, body)).toMatchObject({ status: 403, code: 'tenant_suspended' });
  });
});

describe('budgets', () => {
  it('are set, read, changed and removed', async () => {
    const { headers, environmentId, apiKeyId } = await mint();
    const scope = { environmentId, apiKeyId, provider: 'openai', model: 'gpt-4o-mini' };
    const created = await get<Budget>(headers, 'POST', '/v1/budgets', { ...BUDGET, scope });
    expect(created).toMatchObject({ ...BUDGET, scope, hardStop: true, thresholds: [50, 80, 95, 100] });
    const path = `/v1/budgets/${created.id}`;
    expect(await get(headers, 'GET', path)).toEqual({ ...created, thresholdEvents: [] });
    const change = { name: 'all', amountUsd: '0.1', period: 'day', scope: {}, hardStop: false, thresholds: [] };
    const updated = await get<Budget>(headers, 'PATCH', path, change);
    expect(updated).toEqual({ ...created, ...change });
    expect(await get(headers, 'GET', '/v1/budgets')).toEqual({ data: [updated], nextCursor: null });
    expect((await send(headers, 'DELETE', path)).status).toBe(204);
    expect((await send(headers, 'GET', path)).status).toBe(404);
    expect(await get(headers, 'GET', '/v1/budgets')).toEqual({ data: [], nextCursor: null });
  });

  it('come in pages', async () => {
    const { headers } = await mint();
    for (const name of ['a', 'b', 'c']) await get(headers, 'POST', '/v1/budgets', { ...BUDGET, name });
    const pageOf = (cursor: string | null) =>
      get<{ data: Budget[]; nextCursor: string | null }>(
        headers,
        'GET',
        `/v1/budgets?limit=2${cursor ? `&cursor=${cursor}` : ''}`,
      );
    const first = await pageOf(null);
    const second = await pageOf(first.nextCursor);
    expect([first, second].map(({ data }) => data.map(({ name }) => name))).toEqual([['a', 'b'], ['c']]);
    expect(second.nextCursor).toBeNull();
  });

  it.each<[string, object, string]>([
    ['no amount', { amountUsd: undefined }, '/amountUsd'],
    ['an amount that is not exact', { amountUsd: 0.1 + 0.2 }, '/amountUsd'],
    ['an amount beneath a pico-dollar', { amountUsd: '0.0000000000001' }, '/amountUsd'],
    ['a negative amount', { amountUsd: '-1' }, '/amountUsd'],
    ['a period that there is not', { period: 'year' }, '/period'],
    ['a name of white space', { name: ' ' }, '/name'],
    ['a name that Postgres cannot store', { name: 'a\0' }, '/name'],
    ['half a character', { name: 'a\ud800' }, '/name'],
    ['a threshold of nothing', { thresholds: [0] }, '/thresholds/0'],
    ['an unknown field', { currency: 'EUR' }, '/currency'],
    ['an unknown field of the scope', { scope: { region: 'eu' } }, '/scope/region'],
    ['an unknown provider', { scope: { provider: 'acme' } }, '/scope/provider'],
    ['an unknown environment', { scope: { environmentId: NOBODYS } }, '/scope/environmentId'],
    ['an unknown key', { scope: { apiKeyId: NOBODYS } }, '/scope/apiKeyId'],
  ])('with %s are refused by the field', async (_name, change, pointer) => {
    const { headers } = await mint();
    const problem = await refused(headers, 'POST', '/v1/budgets', { ...BUDGET, ...change });
    expect(problem).toMatchObject({ status: 400, code: 'bad_request', errors: [{ pointer }] });
    expect(problem.errors).toHaveLength(1);
    if (change && 'amountUsd' in change && change.amountUsd === undefined) return;
    const { id } = await get<Budget>(headers, 'POST', '/v1/budgets', BUDGET);
    const changed = await refused(headers, 'PATCH', `/v1/budgets/${id}`, change);
    expect(changed).toMatchObject({ status: 400, code: 'bad_request', errors: [{ pointer }] });
  });

  it('have names of their own', async () => {
    const { headers } = await mint();
    await get(headers, 'POST', '/v1/budgets', BUDGET);
    const { id } = await get<Budget>(headers, 'POST', '/v1/budgets', { ...BUDGET, name: 'other' });
    const taken = { status: 409, code: 'already_exists', errors: [{ pointer: '/name', detail: 'is taken' }] };
    expect(await refused(headers, 'POST', '/v1/budgets', BUDGET)).toMatchObject(taken);
    expect(await refused(headers, 'PATCH', `/v1/budgets/${id}`, { name: BUDGET.name })).toMatchObject(taken);
  });

  it('change by at least one field, and are named by a UUID', async () => {
    const { headers } = await mint();
    const nothing = await refused(headers, 'PATCH', `/v1/budgets/${NOBODYS}`, {});
    expect(nothing).toMatchObject({ status: 400, errors: [{ pointer: '', detail: 'must name a field to change' }] });
    expect(await refused(headers, 'GET', '/v1/budgets/mine')).toMatchObject({ status: 400, code: 'bad_request' });
    expect(await refused(headers, 'GET', '/v1/budgets?limit=501')).toMatchObject({ status: 400 });
    expect(await refused(headers, 'GET', '/v1/budgets?cursor=mine')).toMatchObject({ status: 400 });
  });
});

describe('rate limits', () => {
  it('are set, read, changed and removed', async () => {
    const { headers, environmentId, apiKeyId } = await mint();
    const scope = { environmentId, apiKeyId };
    const created = await get<RateLimit>(headers, 'POST', '/v1/rate-limits', { ...RATE, ...scope });
    expect(created).toMatchObject({
      ...{ ...RATE, ...scope, name: '600 requests per minute', windowSeconds: 60, strategy: 'fixed-window' },
      ...{ maxTokens: null, maxConcurrent: null, queueMs: 0 },
    });
    const path = `/v1/rate-limits/${created.id}`;
    expect(await get(headers, 'GET', path)).toEqual(created);
    const change = { maxRequests: null, maxConcurrent: 4, queueMs: 1_000, environmentId: null, apiKeyId: null };
    const updated = await get<RateLimit>(headers, 'PATCH', path, change);
    expect(updated).toEqual({ ...created, ...change, name: '4 at once' });
    expect(await get(headers, 'PATCH', path, { name: 'ours' })).toEqual({ ...updated, name: 'ours' });
    expect((await send(headers, 'DELETE', path)).status).toBe(204);
    expect(await get(headers, 'GET', '/v1/rate-limits')).toEqual({ data: [], nextCursor: null });
  });

  it.each<[string, object, string]>([
    ['nothing to limit', { maxRequests: null }, ''],
    ['waiting for what has no end', { queueMs: 100 }, ''],
    ['a window without length', { windowSeconds: 0 }, '/windowSeconds'],
    ['half a request', { maxRequests: 1.5 }, '/maxRequests'],
    ['a number that is not exact', { maxTokens: 2 ** 53 }, '/maxTokens'],
    ['an unknown strategy', { strategy: 'leaky-bucket' }, '/strategy'],
    ['an unknown environment', { environmentId: NOBODYS }, '/environmentId'],
    ['an unknown key', { apiKeyId: NOBODYS }, '/apiKeyId'],
    ['an unknown field', { burst: 1 }, '/burst'],
  ])('with %s are refused by the field', async (_name, change, pointer) => {
    const { headers } = await mint();
    const expected = { status: 400, code: 'bad_request', errors: [{ pointer }] };
    expect(await refused(headers, 'POST', '/v1/rate-limits', { ...RATE, ...change })).toMatchObject(expected);
    const { id } = await get<RateLimit>(headers, 'POST', '/v1/rate-limits', RATE);
    expect(await refused(headers, 'PATCH', `/v1/rate-limits/${id}`, change)).toMatchObject(expected);
  });
});

describe('T1: another tenant', () => {
  it.each([
    ['budgets', BUDGET, { hardStop: false }],
    ['rate-limits', RATE, { maxRequests: 1 }],
  ])('is told of %s what it is told of none', async (folder, input, change) => {
    const [alice, bob] = [await mint(), await mint()];
    const { id } = await get<Budget>(alice.headers, 'POST', `/v1/${folder}`, input);
    const before = await get(alice.headers, 'GET', `/v1/${folder}/${id}`);
    for (const [method, body] of [['GET'], ['PATCH', change], ['DELETE']] as const) {
      const theirs = await refused(bob.headers, method, `/v1/${folder}/${id}`, body);
      expect(theirs).toEqual(await refused(bob.headers, method, `/v1/${folder}/${NOBODYS}`, body));
      expect(theirs).toMatchObject({ status: 404, code: 'not_found' });
    }
    expect(await get(bob.headers, 'GET', `/v1/${folder}`)).toEqual({ data: [], nextCursor: null });
    expect(await get(bob.headers, 'GET', `/v1/${folder}?cursor=${id}`)).toEqual({ data: [], nextCursor: null });
    expect((await limitsOf(bob)).map(({ kind }) => kind)).toEqual(['quota']);
    expect(await get(alice.headers, 'GET', `/v1/${folder}/${id}`)).toEqual(before);
  });
});

describe('GET /v1/limits', () => {
  it('is empty where nothing is limited', async () => {
    const tenant = await mint();
    await ownerSql()`update tenants set plan = 'enterprise_plus' where id = ${tenant.tenantId}`;
    expect(await get(tenant.headers, 'GET', '/v1/limits')).toEqual({ data: [], nextCursor: null });
  });

  it('shows a limit as soon as it is set, by what is asked for', async () => {
    const tenant = await mint();
    const { headers, apiKeyId } = tenant;
    const budget = await get<Budget>(headers, 'POST', '/v1/budgets', { ...BUDGET, hardStop: false });
    const rate = { maxRequests: 5, maxTokens: 1_000_000, maxConcurrent: 3, apiKeyId };
    const { id } = await get<RateLimit>(headers, 'POST', '/v1/rate-limits', rate);
    const units = async (query: string) => (await limitsOf(tenant, query)).map(({ unit }) => unit).toSorted();
    expect(await units('')).toEqual(['concurrent', 'cost_usd', 'requests', 'requests', 'tokens']);
    expect(await units('?kind=rate_limit')).toEqual(['concurrent', 'requests', 'tokens']);
    expect(await units('?kind=quota')).toEqual(['requests']);
    expect(await units('?unit=cost_usd')).toEqual(['cost_usd']);
    expect(await units(`?apiKeyId=${apiKeyId}&unit=tokens`)).toEqual(['tokens']);
    expect(await units(`?environmentId=${tenant.environmentId}`)).toEqual([]);
    expect(await units('?limit=1')).toHaveLength(1);
    const [shown] = await limitsOf(tenant, '?kind=budget');
    expect(shown).toMatchObject({
      ...{ ruleId: budget.id, name: 'research', kind: 'budget', unit: 'cost_usd', scope: {}, isEnforced: false },
      ...{ cap: BUDGET.amountUsd, spent: '0', held: '0', thresholdsReached: [] },
    });
    expect(shown?.resetsAt).toMatch(/-01T00:00:00.000Z$/);
    const [concurrent] = await limitsOf(tenant, '?unit=concurrent');
    expect(concurrent).toMatchObject({ ruleId: id, cap: '3', scope: { apiKeyId }, isEnforced: true, resetsAt: null });
    expect(await refused(headers, 'GET', '/v1/limits?unit=euros')).toMatchObject({ errors: [{ pointer: '/unit' }] });
  });

  it('counts a request in all that it falls under, to the pico-dollar', async () => {
    const tenant = await mint();
    await get(tenant.headers, 'POST', '/v1/budgets', BUDGET);
    await get(tenant.headers, 'POST', '/v1/rate-limits', {
      maxRequests: 5,
      maxTokens: 1_000_000,
      windowSeconds: 86_400,
    });
    expect((await orchestrate(tenant.headers, REQUEST)).status).toBe(200);
    const spent = await eventually(
      async () => (await limitsOf(tenant)).map(({ kind, unit, spent }) => `${kind} ${unit} ${spent}`).toSorted(),
      (lines) => lines.includes(`budget cost_usd ${COST_USD}`),
    );
    expect(spent).toEqual([
      `budget cost_usd ${COST_USD}`,
      'quota requests 1',
      'rate_limit requests 1',
      'rate_limit tokens 16',
    ]);
  });
});

describe('a limit', () => {
  it('holds as soon as it is set, and no more when it is removed', async () => {
    const tenant = await mint();
    const ask = () => orchestrate(tenant.headers, REQUEST);
    expect((await ask()).status).toBe(200);
    const budget = await get<Budget>(tenant.headers, 'POST', '/v1/budgets', { ...BUDGET, amountUsd: '0.000000000001' });
    const exhausted = await ask();
    expect(exhausted.status).toBe(402);
    expect(await exhausted.json()).toMatchObject({
      ...{ code: 'budget_exhausted', retry: 'never' },
      limit: { name: 'research', kind: 'budget', unit: 'cost_usd', cap: '0.000000000001', spent: '0', scope: {} },
    });
    await send(tenant.headers, 'DELETE', `/v1/budgets/${budget.id}`);
    expect((await ask()).status).toBe(200);
    const { id } = await get<RateLimit>(tenant.headers, 'POST', '/v1/rate-limits', { maxRequests: 0 });
    const limited = await ask();
    expect(limited.status).toBe(429);
    expect(await limited.json()).toMatchObject({ code: 'rate_limited', limit: { unit: 'requests', cap: '0' } });
    await get(tenant.headers, 'PATCH', `/v1/rate-limits/${id}`, { maxRequests: 100 });
    expect((await ask()).status).toBe(200);
  });

  it('tells of each threshold once, and Postgres comes to know', async () => {
    const tenant = await mint();
    const body = { ...BUDGET, amountUsd: COST_USD, period: 'total', hardStop: false, thresholds: [50, 100, 250] };
    const { id } = await get<Budget>(tenant.headers, 'POST', '/v1/budgets', body);
    for (let request = 0; request < 2; request++) await orchestrate(tenant.headers, REQUEST);
    const { thresholdEvents } = await eventually(
      () => get<BudgetDetail>(tenant.headers, 'GET', `/v1/budgets/${id}`),
      (budget) => budget.thresholdEvents.length >= 2,
    );
    expect(thresholdEvents.map(({ threshold }) => threshold)).toEqual([100, 50]);
    expect(thresholdEvents[0]).toMatchObject({ capUsd: COST_USD, periodStart: '1970-01-01T00:00:00.000Z' });
    expect((await limitsOf(tenant, '?kind=budget'))[0]?.thresholdsReached).toEqual([50, 100]);
  });
});
