import { describe, expect, it } from 'vitest';
import type { ApiKey, CreatedApiKey } from '../../../shared/contracts/http/api-keys.ts';
import type { LimitView } from '../../../shared/contracts/http/limits.ts';
import type { RateLimit } from '../../../shared/contracts/http/rate-limits.ts';
import { eventually } from '../../harness/eventually.ts';
import { orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { done, refused, send } from '../../harness/send.ts';

const READ = 'keys:read';
const WRITE = 'keys:write';
const ALL = ['orchestrate:invoke', 'usage:read', 'policies:read', 'policies:write', READ, WRITE];
const NOBODYS = '00000000-0000-4000-8000-0000000000ff';
const INPUT = { name: 'ci', scopes: ['usage:read'] };
const MODEL = { provider: 'openai', model: 'gpt-4o-mini' };
const REQUEST = { input: 'hello', providerPreferences: [MODEL] };

type Headers = Record<string, string>;

const mint = () => mintTenant({ scopes: ALL });

/** The headers of a new member with a role. */
async function memberOf({ tenantId }: TestTenant, role: string): Promise<Headers> {
  const person = await mintPerson();
  await joinAs(person, tenantId, role);
  return person.in(tenantId);
}

const make = (headers: Headers, body: object = INPUT) => done<CreatedApiKey>(headers, 'POST', '/v1/api-keys', body);

/** The headers of a request with another key of the tenant. */
function withKey(tenant: TestTenant, { key }: CreatedApiKey, more: Headers = {}): Headers {
  return { ...tenant.headers, 'x-api-key': key, ...more };
}

const statusOf = async (response: Promise<Response>) => (await response).status;
const usageBy = (headers: Headers) => statusOf(send(headers, 'GET', '/v1/metrics/usage'));

async function auditOf({ tenantId }: TestTenant): Promise<string[]> {
  const rows = await ownerSql()`select action from audit_logs where tenant_id = ${tenantId} order by created_at, id`;
  return rows.map(({ action }) => action);
}

/** Every operation on keys: the permission that it asks for, and the status of one that is done. */
const OPERATIONS: [method: string, path: string, permission: string, status: number, body?: object][] = [
  ['GET', '/v1/api-keys', READ, 200],
  ['POST', '/v1/api-keys', WRITE, 201, { ...INPUT, scopes: [WRITE] }],
  ['GET', `/v1/api-keys/${NOBODYS}`, READ, 404],
  ['PATCH', `/v1/api-keys/${NOBODYS}`, WRITE, 404, { name: 'other' }],
  ['DELETE', `/v1/api-keys/${NOBODYS}`, WRITE, 404],
  ['POST', `/v1/api-keys/${NOBODYS}/rotate`, WRITE, 404, {}],
];

describe.each(OPERATIONS)('%s %s', (method, path, permission, status, body) => {
  it('serves a key and a person with the permission, and no other', async () => {
    const tenant = await mintTenant({ scopes: [permission] });
    expect(await statusOf(send(tenant.headers, method, path, body))).toBe(status);
    const other = await mintTenant({ scopes: ALL.filter((scope) => scope !== permission) });
    expect(await refused(other.headers, method, path, body)).toMatchObject({ status: 403, code: 'permission_denied' });
    const developer = await memberOf(await mint(), 'developer');
    expect(await statusOf(send(developer, method, path, body))).toBe(status);
    const viewer = await memberOf(await mint(), 'viewer');
    expect(await refused(viewer, method, path, body)).toMatchObject({ status: 403, code: 'permission_denied' });
  });
});

describe('a key', () => {
  it('is made, shown this once, read, changed, and revoked, each with one audit row', async () => {
    const tenant = await mint();
    const person = await mintPerson();
    await joinAs(person, tenant.tenantId, 'admin');
    const headers = person.in(tenant.tenantId);
    const { key, ...made } = await make(headers, { ...INPUT, environmentId: tenant.environmentId });
    expect(key).toMatch(/^eufm_eu_dev_[0-9A-Za-z]{68}$/);
    expect(made).toMatchObject({
      ...{
        ...INPUT,
        environmentId: tenant.environmentId,
        status: 'active',
        keyPrefix: key.slice(0, 12) + key.slice(34, 40),
      },
      ...{ expiresAt: null, revokedAt: null, lastUsedAt: null, ipAllowList: null, models: null },
      ...{ rotatedFrom: null, successorId: null, createdBy: person.userId },
      links: { limits: `/v1/limits?apiKeyId=${made.id}` },
    });
    const path = `/v1/api-keys/${made.id}`;
    expect(await done(headers, 'GET', path)).toEqual(made);
    expect(await usageBy({ ...tenant.headers, 'x-api-key': key })).toBe(200);
    const change = {
      name: 'deploy',
      scopes: ['tasks:read'],
      models: ['openai/gpt-4o-mini'],
      ipAllowList: ['10.1.2.3/8'],
    };
    const changed = await done<ApiKey>(headers, 'PATCH', path, { ...change, expiresAt: '2099-01-01T00:00:00+01:00' });
    expect(changed).toMatchObject({ ...change, ipAllowList: ['10.0.0.0/8'], expiresAt: '2098-12-31T23:00:00.000Z' });
    expect(await usageBy({ ...tenant.headers, 'x-api-key': key, 'cf-connecting-ip': '10.0.0.1' })).toBe(403);
    expect(await statusOf(send(headers, 'DELETE', path))).toBe(204);
    expect(await statusOf(send(headers, 'DELETE', path))).toBe(204);
    expect(await usageBy({ ...tenant.headers, 'x-api-key': key })).toBe(401);
    const revoked = await done<ApiKey>(headers, 'GET', path);
    expect(revoked).toMatchObject({ id: made.id, status: 'revoked', revokedAt: expect.any(String) });
    expect(await refused(headers, 'PATCH', path, { name: 'again' })).toMatchObject({ status: 409, code: 'conflict' });
    expect(await auditOf(tenant)).toEqual(['api_key.created', 'api_key.updated', 'api_key.revoked']);
  });

  it('has a developer’s rights in the tenant’s only environment where nothing else is said', async () => {
    const tenant = await mint();
    const person = await memberOf(tenant, 'admin');
    const { scopes, environmentId } = await make(person, { name: 'plain' });
    expect(environmentId).toBe(tenant.environmentId);
    expect(scopes).toContain('orchestrate:invoke');
    expect(scopes).toContain('keys:write');
    expect(scopes).not.toContain('policies:write');
    // Who makes a key by a key has no more to give than that one has.
    const child = await make(tenant.headers, { name: 'child' });
    expect(child.scopes.toSorted()).toEqual([READ, WRITE, 'orchestrate:invoke', 'policies:read', 'usage:read']);
    await ownerSql()`insert into environments (tenant_id, name, type) values (${tenant.tenantId}, 'two', 'prod')`;
    const problem = await refused(person, 'POST', '/v1/api-keys', { name: 'which' });
    expect(problem).toMatchObject({ status: 400, errors: [{ pointer: '/environmentId' }] });
    const named = await make({ ...person, 'x-env-id': tenant.environmentId }, { name: 'named' });
    expect(named.environmentId).toBe(tenant.environmentId);
  });

  it('comes in pages, by environment and status', async () => {
    const tenant = await mint();
    const made = [await make(tenant.headers), await make(tenant.headers, { ...INPUT, name: 'two' })];
    await send(tenant.headers, 'DELETE', `/v1/api-keys/${made[1]?.id}`);
    await ownerSql()`update api_keys set expires_at = now() where tenant_id = ${tenant.tenantId} and id = ${made[0]?.id}`;
    const names = async (query: string) =>
      (await done<{ data: ApiKey[] }>(tenant.headers, 'GET', `/v1/api-keys?${query}`)).data.map(({ name }) => name);
    expect((await names('')).toSorted()).toEqual(['ci', 'test', 'two']);
    expect(await names('status=active')).toEqual(['test']);
    expect(await names('status=expired')).toEqual(['ci']);
    expect(await names('status=revoked')).toEqual(['two']);
    expect(await names(`environmentId=${NOBODYS}`)).toEqual([]);
    expect(await names(`environmentId=${tenant.environmentId}&status=active`)).toEqual(['test']);
    const page = await done<{ data: ApiKey[]; nextCursor: string }>(tenant.headers, 'GET', '/v1/api-keys?limit=2');
    expect(page.data).toHaveLength(2);
    expect(await names(`limit=2&cursor=${page.nextCursor}`)).toHaveLength(1);
  });

  it.each<[string, object, string]>([
    ['no name', { name: undefined }, '/name'],
    ['no right', { scopes: [] }, '/scopes'],
    ['a right that there is not', { scopes: ['usage:read', 'all:all'] }, '/scopes/1'],
    ['an environment that there is not', { environmentId: NOBODYS }, '/environmentId'],
    ['a time that is over', { expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt'],
    ['a time without a zone', { expiresAt: '2099-01-01T00:00:00' }, '/expiresAt'],
    ['what is no range', { ipAllowList: ['10.0.0.0/33'] }, '/ipAllowList/0'],
    ['an empty list of addresses', { ipAllowList: [] }, '/ipAllowList'],
    ['an empty list of models', { models: [] }, '/models'],
    ['an unknown field', { limits: [] }, '/limits'],
  ])('with %s is refused by the field', async (_name, change, pointer) => {
    const person = await memberOf(await mint(), 'admin');
    const problem = await refused(person, 'POST', '/v1/api-keys', { ...INPUT, ...change });
    expect(problem).toMatchObject({ status: 400, code: 'bad_request', errors: [{ pointer }] });
    if (pointer === '/environmentId' || pointer === '/name') return;
    const { id } = await make(person);
    const changed = await refused(person, 'PATCH', `/v1/api-keys/${id}`, change);
    expect(changed).toMatchObject({ status: 400, code: 'bad_request', errors: [{ pointer }] });
  });

  it('has a name of its own, which is free again when it is revoked', async () => {
    const { headers } = await mint();
    const { id } = await make(headers);
    const taken = { status: 409, code: 'already_exists', errors: [{ pointer: '/name', detail: 'is taken' }] };
    expect(await refused(headers, 'POST', '/v1/api-keys', INPUT)).toMatchObject(taken);
    await send(headers, 'DELETE', `/v1/api-keys/${id}`);
    expect((await make(headers)).name).toBe('ci');
  });
});

describe('nobody gives a key more rights than they have', () => {
  const denied = { status: 403, code: 'permission_denied' };

  it('a person', async () => {
    const tenant = await mint();
    const developer = await memberOf(tenant, 'developer');
    const problem = await refused(developer, 'POST', '/v1/api-keys', { name: 'a', scopes: ['billing:write'] });
    expect(problem).toMatchObject({ ...denied, errors: [{ pointer: '/scopes' }] });
    // The tenant's first key may more: nobody gets at it by another name, a longer life, or a rotation.
    const mightier = `/v1/api-keys/${tenant.apiKeyId}`;
    expect(await refused(developer, 'PATCH', mightier, { name: 'mine' })).toMatchObject(denied);
    expect(await refused(developer, 'POST', `${mightier}/rotate`, {})).toMatchObject(denied);
    expect(await statusOf(send(developer, 'PATCH', mightier, { scopes: ['usage:read'] }))).toBe(200);
    expect(await statusOf(send(developer, 'DELETE', mightier))).toBe(204);
    expect(await auditOf(tenant)).toEqual(['api_key.updated', 'api_key.revoked']);
  });

  it('a key, which is bound in other ways too', async () => {
    const tenant = await mint();
    await ownerSql()`insert into environments (id, tenant_id, name, type) values (${NOBODYS}, ${tenant.tenantId}, 'p', 'prod')`;
    const person = await memberOf(tenant, 'admin');
    const bounds = { expiresAt: '2099-01-01T00:00:00.000Z', ipAllowList: ['127.0.0.0/8'], models: ['gpt-4o-mini'] };
    const scopes = [WRITE, 'usage:read'];
    const bound = await make(person, { name: 'bound', scopes, environmentId: tenant.environmentId, ...bounds });
    const headers = withKey(tenant, bound);
    for (const [pointer, change] of [
      ['/scopes', { scopes: ['orchestrate:invoke'] }],
      ['/environmentId', { environmentId: NOBODYS }],
      ['/expiresAt', { expiresAt: null }],
      ['/ipAllowList', { ipAllowList: null }],
      ['/models', { models: ['gpt-4o'] }],
    ] as const) {
      const problem = await refused(headers, 'POST', '/v1/api-keys', { name: 'more', scopes, ...bounds, ...change });
      expect(problem).toMatchObject({ ...denied, errors: [{ pointer }] });
      if (pointer === '/environmentId') continue;
      const itself = await refused(headers, 'PATCH', `/v1/api-keys/${bound.id}`, change);
      expect(itself).toMatchObject({ ...denied, errors: [{ pointer }] });
    }
    expect((await make(headers, { name: 'same', scopes, ...bounds })).models).toEqual(['gpt-4o-mini']);
    expect((await done<CreatedApiKey>(headers, 'POST', `/v1/api-keys/${bound.id}/rotate`, {})).models).toEqual([
      'gpt-4o-mini',
    ]);
  });
});

describe('the data plane', () => {
  it('refuses a key whose time is over, without being told', async () => {
    const tenant = await mint();
    const made = await make(tenant.headers, { ...INPUT, expiresAt: new Date(Date.now() + 3_000).toISOString() });
    expect(await usageBy(withKey(tenant, made))).toBe(200);
    const version = async () => (await ownerSql()`select config_version from tenants where id = ${tenant.tenantId}`)[0];
    const before = await version();
    expect(
      await eventually(
        () => usageBy(withKey(tenant, made)),
        (status) => status !== 200,
      ),
    ).toBe(401);
    expect(await version()).toEqual(before);
    expect((await done<ApiKey>(tenant.headers, 'GET', `/v1/api-keys/${made.id}`)).status).toBe('expired');
    await done(tenant.headers, 'PATCH', `/v1/api-keys/${made.id}`, { expiresAt: null });
    expect(await usageBy(withKey(tenant, made))).toBe(200);
  });

  it('takes a key from the addresses on its list only', async () => {
    const tenant = await mint();
    const made = await make(tenant.headers, { name: 'office', ipAllowList: ['203.0.113.0/24', '2001:db8::/32'] });
    const from = async (address?: string) => {
      const headers = withKey(tenant, made, address === undefined ? {} : { 'cf-connecting-ip': address });
      return [await usageBy(headers), await statusOf(orchestrate(headers, REQUEST))];
    };
    for (const address of ['203.0.113.7', '2001:db8:1::7', '::ffff:203.0.113.7']) {
      expect(await from(address)).toEqual([200, 200]);
    }
    for (const address of ['203.0.114.7', '2001:db9::7', 'acme', undefined])
      expect(await from(address)).toEqual([403, 403]);
    expect(await refused(withKey(tenant, made), 'GET', '/v1/metrics/usage')).toMatchObject({
      code: 'address_not_allowed',
    });
    await done(tenant.headers, 'PATCH', `/v1/api-keys/${made.id}`, { ipAllowList: ['127.0.0.1'] });
    expect(await from()).toEqual([200, 200]);
    expect(await from('203.0.113.7')).toEqual([403, 403]);
  });

  it('calls the models on a key’s list only, by whatever name and way', async () => {
    const tenant = await mint();
    const policyId = crypto.randomUUID();
    const candidates = [
      { ...MODEL, model: 'gpt-4o', weight: 2 },
      { ...MODEL, weight: 1 },
    ];
    await ownerSql()`insert into routing_policies (id, tenant_id, name, strategy)
      values (${policyId}, ${tenant.tenantId}, 'both', ${JSON.stringify({ candidates })})`;
    const made = await make(tenant.headers, { name: 'small', models: ['openai/gpt-4o-mini'] });
    const headers = withKey(tenant, made);
    const dialect = (model: string) =>
      statusOf(
        send(headers, 'POST', '/v1/chat/completions', { model, messages: [{ role: 'user', content: 'hello' }] }),
      );
    expect([await dialect('gpt-4o-mini'), await dialect('openai/gpt-4o'), await dialect('gpt-4o')]).toEqual([
      200, 403, 403,
    ]);
    expect(await statusOf(orchestrate(headers, REQUEST))).toBe(200);
    const refusal = await refused(headers, 'POST', '/v1/orchestrate', {
      ...{ input: 'hello', providerPreferences: [MODEL, { ...MODEL, model: 'gpt-4o' }] },
    });
    const pointer = '/providerPreferences/1/model';
    expect(refusal).toMatchObject({ status: 403, code: 'model_not_allowed', errors: [{ pointer }] });
    // A policy's models that the key may not call are left out.
    expect(await statusOf(orchestrate(headers, { input: 'hello', routingPolicyId: policyId }))).toBe(200);
    // What is listed is what it may call.
    const listed = await done<{ data: { id: string }[] }>(headers, 'GET', '/v1/models');
    expect(listed.data.map(({ id }) => id).toSorted()).toEqual(['both', 'gpt-4o-mini']);
    expect(await statusOf(send(headers, 'GET', '/v1/models/gpt-4o'))).toBe(404);
    await done(tenant.headers, 'PATCH', `/v1/api-keys/${made.id}`, { models: ['gpt-4o'] });
    expect([await dialect('gpt-4o-mini'), await dialect('gpt-4o')]).toEqual([403, 200]);
    await done(tenant.headers, 'PATCH', `/v1/api-keys/${made.id}`, { models: null });
    expect(await dialect('gpt-4o-mini')).toBe(200);
  });

  it('holds a key to its scopes, as they are now', async () => {
    const tenant = await mint();
    const made = await make(tenant.headers);
    expect(await statusOf(orchestrate(withKey(tenant, made), REQUEST))).toBe(403);
    await done(tenant.headers, 'PATCH', `/v1/api-keys/${made.id}`, { scopes: ['orchestrate:invoke'] });
    expect(await statusOf(orchestrate(withKey(tenant, made), REQUEST))).toBe(200);
    expect(await usageBy(withKey(tenant, made))).toBe(403);
  });
});

describe('a rotation', () => {
  const rotate = (headers: Headers, id: string, body: object = {}) =>
    done<CreatedApiKey>(headers, 'POST', `/v1/api-keys/${id}/rotate`, body);

  it('gives a new key of the same rights; the old one works until the overlap is over', async () => {
    const tenant = await mint();
    const rights = { name: 'ci', scopes: ['usage:read'], ipAllowList: ['127.0.0.1/32'], models: ['gpt-4o-mini'] };
    const old = await make(tenant.headers, rights);
    const replacement = await rotate(tenant.headers, old.id);
    expect(replacement).toMatchObject({ ...rights, rotatedFrom: old.id, expiresAt: null, status: 'active' });
    expect(replacement.key).not.toBe(old.key);
    expect([await usageBy(withKey(tenant, old)), await usageBy(withKey(tenant, replacement))]).toEqual([200, 200]);
    const kept = await done<ApiKey>(tenant.headers, 'GET', `/v1/api-keys/${old.id}`);
    expect(kept).toMatchObject({ successorId: replacement.id, links: { limits: replacement.links.limits } });
    const overlapMs = Date.parse(kept.expiresAt ?? '') - Date.parse(replacement.createdAt);
    expect(overlapMs).toBe(86_400_000);
    const again = await refused(tenant.headers, 'POST', `/v1/api-keys/${old.id}/rotate`, {});
    expect(again).toMatchObject({ status: 409, code: 'conflict' });

    const third = await rotate(tenant.headers, replacement.id, {
      overlapSeconds: 0,
      expiresAt: '2099-01-01T00:00:00Z',
    });
    expect(third).toMatchObject({ rotatedFrom: replacement.id, expiresAt: '2099-01-01T00:00:00.000Z' });
    expect(await usageBy(withKey(tenant, replacement))).toBe(401);
    expect([await usageBy(withKey(tenant, old)), await usageBy(withKey(tenant, third))]).toEqual([200, 200]);
    expect((await done<ApiKey>(tenant.headers, 'GET', `/v1/api-keys/${old.id}`)).successorId).toBe(third.id);
    expect(await auditOf(tenant)).toEqual(['api_key.created', 'api_key.rotated', 'api_key.rotated']);
  });

  it('is for at most thirty days of overlap, and for no key that is revoked or expired', async () => {
    const tenant = await mint();
    const { id } = await make(tenant.headers);
    const path = `/v1/api-keys/${id}/rotate`;
    const pointer = '/overlapSeconds';
    for (const overlapSeconds of [-1, 30 * 86_400 + 1, 0.5]) {
      expect(await refused(tenant.headers, 'POST', path, { overlapSeconds })).toMatchObject({ errors: [{ pointer }] });
    }
    await ownerSql()`update api_keys set expires_at = now() where tenant_id = ${tenant.tenantId} and id = ${id}`;
    expect(await refused(tenant.headers, 'POST', path, {})).toMatchObject({ status: 409, code: 'conflict' });
    await send(tenant.headers, 'DELETE', `/v1/api-keys/${id}`);
    expect(await refused(tenant.headers, 'POST', path, {})).toMatchObject({ status: 409, code: 'conflict' });
  });

  it('happens once, however many ask at the same time', async () => {
    const tenant = await mint();
    const { id } = await make(tenant.headers);
    const all = await Promise.all(
      Array.from({ length: 5 }, () => statusOf(send(tenant.headers, 'POST', `/v1/api-keys/${id}/rotate`, {}))),
    );
    expect(all.toSorted()).toEqual([201, 409, 409, 409, 409]);
    expect(await auditOf(tenant)).toEqual(['api_key.created', 'api_key.rotated']);
  });

  it('takes the key’s limits along, which bind both while both work', async () => {
    const tenant = await mint();
    const old = await make(tenant.headers, { name: 'ci', scopes: ['orchestrate:invoke'] });
    const limit = { apiKeyId: old.id, maxRequests: 2, windowSeconds: 366 * 86_400 };
    const { id } = await done<RateLimit>(tenant.headers, 'POST', '/v1/rate-limits', limit);
    const budget = { name: 'cap', amountUsd: '5', period: 'total', scope: { apiKeyId: old.id } };
    await done(tenant.headers, 'POST', '/v1/budgets', budget);
    expect(await statusOf(orchestrate(withKey(tenant, old), REQUEST))).toBe(200);
    const replacement = await rotate(tenant.headers, old.id);
    const moved = await done<RateLimit>(tenant.headers, 'GET', `/v1/rate-limits/${id}`);
    expect(moved.apiKeyId).toBe(replacement.id);
    const { data } = await done<{ data: LimitView[] }>(tenant.headers, 'GET', replacement.links.limits);
    expect(data.map(({ kind }) => kind).toSorted()).toEqual(['budget', 'rate_limit']);
    expect(await statusOf(orchestrate(withKey(tenant, replacement), REQUEST))).toBe(200);
    for (const key of [old, replacement]) expect(await statusOf(orchestrate(withKey(tenant, key), REQUEST))).toBe(429);
    expect(await statusOf(orchestrate(tenant.headers, REQUEST))).toBe(200);
  });
});

describe('T1: another tenant', () => {
  it('is told of a key what it is told of none', async () => {
    const [alice, bob] = [await mint(), await mint()];
    const { id, key: _, ...made } = await make(alice.headers);
    const requests: [string, string, object?][] = [
      ['GET', ''],
      ['PATCH', '', { name: 'mine' }],
      ['POST', '/rotate', {}],
      ['DELETE', ''],
    ];
    for (const [method, tail, body] of requests) {
      const theirs = await refused(bob.headers, method, `/v1/api-keys/${id}${tail}`, body);
      expect(theirs).toEqual(await refused(bob.headers, method, `/v1/api-keys/${NOBODYS}${tail}`, body));
      expect(theirs).toMatchObject({ status: 404, code: 'not_found' });
    }
    const listed = (query: string) => done<{ data: ApiKey[] }>(bob.headers, 'GET', `/v1/api-keys${query}`);
    expect((await listed('')).data.map(({ id }) => id)).toEqual([bob.apiKeyId]);
    expect((await listed(`?environmentId=${alice.environmentId}`)).data).toEqual([]);
    const person = await memberOf(bob, 'admin');
    const [foreign, absent] = await Promise.all(
      [alice.environmentId, NOBODYS].map((environmentId) =>
        refused(person, 'POST', '/v1/api-keys', { ...INPUT, environmentId }),
      ),
    );
    expect(foreign).toEqual(absent);
    expect(await done(alice.headers, 'GET', `/v1/api-keys/${id}`)).toMatchObject(made);
  });
});
