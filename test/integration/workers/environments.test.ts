import { describe, expect, it } from 'vitest';
import type { CreatedApiKey } from '../../../shared/contracts/http/api-keys.ts';
import type { Environment } from '../../../shared/contracts/http/environments.ts';
import { eventually } from '../../harness/eventually.ts';
import { readSnapshot } from '../../harness/gate-tenant.ts';
import { orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { done, refused, send } from '../../harness/send.ts';

const READ = 'usage:read';
const WRITE = 'tenants:write';
const ALL = ['orchestrate:invoke', 'keys:write', 'policies:write', READ, WRITE];
const NOBODYS = '00000000-0000-4000-8000-0000000000ff';
const INPUT = { name: 'production', type: 'prod' };

type Headers = Record<string, string>;

const mint = () => mintTenant({ scopes: ALL });

/** The headers of a new member with a role. */
async function memberOf({ tenantId }: TestTenant, role: string): Promise<Headers> {
  const person = await mintPerson();
  await joinAs(person, tenantId, role);
  return person.in(tenantId);
}

const list = async (headers: Headers, query = '') =>
  (await done<{ data: Environment[] }>(headers, 'GET', `/v1/environments${query}`)).data.map(({ name }) => name);

const OPERATIONS: [method: string, path: string, permission: string, status: number, body?: object][] = [
  ['GET', '/v1/environments', READ, 200],
  ['POST', '/v1/environments', WRITE, 201, INPUT],
  ['PATCH', `/v1/environments/${NOBODYS}`, WRITE, 404, { name: 'other' }],
  ['DELETE', `/v1/environments/${NOBODYS}`, WRITE, 404],
];

describe.each(OPERATIONS)('%s %s', (method, path, permission, status, body) => {
  it('serves a key and a person with the permission, and no other', async () => {
    const tenant = await mintTenant({ scopes: [permission] });
    expect((await send(tenant.headers, method, path, body)).status).toBe(status);
    const other = await mintTenant({ scopes: ALL.filter((scope) => scope !== permission) });
    expect(await refused(other.headers, method, path, body)).toMatchObject({ status: 403, code: 'permission_denied' });
    expect((await send(await memberOf(await mint(), 'admin'), method, path, body)).status).toBe(status);
    const viewer = await send(await memberOf(await mint(), 'viewer'), method, path, body);
    expect(viewer.status).toBe(permission === READ ? status : 403);
  });
});

describe('an environment', () => {
  it('is made, renamed and removed, each with one audit row, and the data plane knows of it', async () => {
    const tenant = await mint();
    const person = await memberOf(tenant, 'admin');
    const made = await done<Environment>(person, 'POST', '/v1/environments', INPUT);
    expect(made).toMatchObject(INPUT);
    const path = `/v1/environments/${made.id}`;
    const answer = await orchestrate({ ...person, 'x-env-id': made.id }, { input: 'hello' });
    expect(answer.status).toBe(200);
    const idle = await done<Environment>(person, 'POST', '/v1/environments', { name: 'idle', type: 'staging' });
    const renamed = await done<Environment>(person, 'PATCH', path, { name: 'live' });
    expect(renamed).toEqual({ ...made, name: 'live' });
    expect((await readSnapshot(tenant)).environments).toContainEqual({ id: made.id, name: 'live', type: 'prod' });
    expect((await send(person, 'DELETE', `/v1/environments/${idle.id}`)).status).toBe(204);
    expect((await list(person)).toSorted()).toEqual(['dev', 'live']);
    const gone = await refused({ ...person, 'x-env-id': idle.id }, 'GET', '/v1/environments');
    expect(gone).toMatchObject({ status: 403, code: 'environment_mismatch' });
    const rows = await ownerSql()`
      select action, actor_user_id, metadata from audit_logs
      where tenant_id = ${tenant.tenantId} and action like 'environment.%' order by created_at, id`;
    expect(rows.map(({ action }) => action)).toEqual([
      ...['environment.created', 'environment.created', 'environment.updated', 'environment.deleted'],
    ]);
    expect(rows[2]?.metadata).toMatchObject({ before: made, after: renamed });
  });

  it('has keys of its type', async () => {
    const tenant = await mint();
    const { headers } = tenant;
    const made = await done<Environment>(headers, 'POST', '/v1/environments', INPUT);
    const person = await memberOf(tenant, 'admin');
    const body = { name: 'live', environmentId: made.id };
    const { key } = await done<CreatedApiKey>(person, 'POST', '/v1/api-keys', body);
    expect(key).toMatch(/^eufm_eu_prod_/);
    expect((await orchestrate({ ...headers, 'x-api-key': key }, { input: 'hello' })).status).toBe(200);
  });

  it('stays where something belongs to it: a key, a revoked one too, a limit, a request', async () => {
    const tenant = await mint();
    const conflict = { status: 409, code: 'conflict' };
    const person = await memberOf(tenant, 'admin');
    const make = (name: string) => done<Environment>(person, 'POST', '/v1/environments', { name, type: 'dev' });
    const [keyed, limited, used, unused] = [await make('a'), await make('b'), await make('c'), await make('d')];
    const remove = ({ id }: Environment) => refused(person, 'DELETE', `/v1/environments/${id}`);
    const key = await done<CreatedApiKey>(person, 'POST', '/v1/api-keys', { name: 'k', environmentId: keyed.id });
    expect(await remove(keyed)).toMatchObject(conflict);
    await send(person, 'DELETE', `/v1/api-keys/${key.id}`);
    expect(await remove(keyed)).toMatchObject(conflict);
    await done(person, 'POST', '/v1/rate-limits', { environmentId: limited.id, maxRequests: 5 });
    expect(await remove(limited)).toMatchObject(conflict);
    expect((await orchestrate({ ...person, 'x-env-id': used.id }, { input: 'hello' })).status).toBe(200);
    await eventually(
      () =>
        ownerSql()`select from usage_aggregates where tenant_id = ${tenant.tenantId} and environment_id = ${used.id}`,
      (rows) => rows.length > 0,
    );
    expect(await remove(used)).toMatchObject(conflict);
    expect((await send(person, 'DELETE', `/v1/environments/${unused.id}`)).status).toBe(204);
    expect((await list(person)).toSorted()).toEqual(['a', 'b', 'c', 'dev']);
  });

  it.each<[string, object, string]>([
    ['no name', { name: undefined }, '/name'],
    ['a name that Postgres cannot store', { name: 'a\0' }, '/name'],
    ['a type that there is not', { type: 'test' }, '/type'],
    ['an unknown field', { region: 'eu' }, '/region'],
  ])('with %s is refused by the field', async (_name, change, pointer) => {
    const { headers } = await mint();
    const problem = await refused(headers, 'POST', '/v1/environments', { ...INPUT, ...change });
    expect(problem).toMatchObject({ status: 400, code: 'bad_request', errors: [{ pointer }] });
  });

  it('has a name of its own, and keeps its type', async () => {
    const { headers } = await mint();
    const { id } = await done<Environment>(headers, 'POST', '/v1/environments', INPUT);
    const taken = { status: 409, code: 'already_exists' };
    expect(await refused(headers, 'POST', '/v1/environments', INPUT)).toMatchObject(taken);
    expect(await refused(headers, 'PATCH', `/v1/environments/${id}`, { name: 'dev' })).toMatchObject(taken);
    const typed = await refused(headers, 'PATCH', `/v1/environments/${id}`, { name: 'x', type: 'dev' });
    expect(typed).toMatchObject({ status: 400, errors: [{ pointer: '/type' }] });
  });
});

describe('T1: another tenant', () => {
  it('is told of an environment what it is told of none', async () => {
    const [alice, bob] = [await mint(), await mint()];
    const { id } = await done<Environment>(alice.headers, 'POST', '/v1/environments', INPUT);
    for (const [method, body] of [['PATCH', { name: 'mine' }], ['DELETE']] as const) {
      const theirs = await refused(bob.headers, method, `/v1/environments/${id}`, body);
      expect(theirs).toEqual(await refused(bob.headers, method, `/v1/environments/${NOBODYS}`, body));
      expect(theirs).toMatchObject({ status: 404, code: 'not_found' });
    }
    expect(await list(bob.headers)).toEqual(['dev']);
    expect(await list(bob.headers, `?cursor=${alice.environmentId}`)).not.toContain('production');
    expect(await list(alice.headers)).toContain('production');
  });
});
