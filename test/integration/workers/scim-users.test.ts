import { describe, expect, it } from 'vitest';
import { hashSessionToken, mintSessionToken } from '../../../shared/auth/session-token.ts';
import type { ScimUser } from '../../../shared/contracts/http/scim/users.ts';
import { call } from '../../harness/gateway-client.ts';
import { ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { builtInRole } from '../../harness/people.ts';
import { auditOf, makeUser, patchOf, provisionedTenant, scimRefusal, USERS } from '../../harness/scim-client.ts';
import { done, send } from '../../harness/send.ts';
import { TestBrowser } from '../../harness/test-browser.ts';

const NOBODYS = '00000000-0000-4000-8000-0000000000ff';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

interface List {
  readonly totalResults: number;
  readonly startIndex: number;
  readonly itemsPerPage: number;
  readonly Resources: ScimUser[];
}

const ADA = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', ENTERPRISE],
  userName: 'ada@example.test',
  externalId: 'ext-ada',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  displayName: 'Ada Lovelace',
  emails: [{ value: 'ada@example.test', type: 'work', primary: true }],
  title: 'Countess',
  [ENTERPRISE]: { department: 'Engines' },
};

describe('a person of SCIM', () => {
  it('is made, read, replaced, changed and ended, with one audit entry each', async () => {
    const tenant = await provisionedTenant();
    const { scim } = tenant;
    const response = await send(scim, 'POST', USERS, { ...ADA, password: 'not kept', roles: ['nor this'] });
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('application/scim+json');
    const made = await response.json<ScimUser>();
    expect(made).toMatchObject({ ...ADA, active: true, groups: [], meta: { resourceType: 'User', version: 'W/"1"' } });
    expect(made).not.toHaveProperty('password');
    expect(response.headers.get('location')).toBe(made.meta?.location);
    expect(response.headers.get('etag')).toBe('W/"1"');
    const path = `${USERS}/${made.id}`;
    expect(await done(scim, 'GET', path)).toEqual(made);

    const replaced = await done<ScimUser>(scim, 'PUT', path, { userName: 'ADA@example.test', externalId: 'ext-ada' });
    expect(replaced).toMatchObject({ userName: 'ADA@example.test', active: true, meta: { version: 'W/"2"' } });
    expect(replaced).not.toHaveProperty('title');
    const same = await done<ScimUser>(scim, 'PUT', path, { userName: 'ADA@example.test', externalId: 'ext-ada' });
    expect(same).toEqual(replaced);

    const patched = await done<ScimUser>(scim, 'PATCH', path, patchOf({ op: 'replace', path: 'title', value: 'Ms' }));
    expect(patched).toMatchObject({ title: 'Ms', meta: { version: 'W/"3"' } });

    expect((await send(scim, 'DELETE', path)).status).toBe(204);
    expect(await scimRefusal(scim, 'GET', path)).toEqual([404, null]);
    expect(await scimRefusal(scim, 'DELETE', path)).toEqual([404, null]);
    expect(await auditOf(tenant)).toEqual([
      ...['scim_user.created', 'scim_user.updated', 'scim_user.updated', 'scim_user.deleted'],
    ]);
    const [entry] = await ownerSql()`select actor_user_id, metadata from audit_logs
      where tenant_id = ${tenant.tenantId} and action = 'scim_user.created'`;
    const [token] = await ownerSql()`select id from scim_tokens where tenant_id = ${tenant.tenantId}`;
    expect(entry).toMatchObject({ actor_user_id: null, metadata: { scimTokenId: token?.id } });
    const log = await done<{ data: object[] }>(tenant.as, 'GET', `/v1/audit-logs?actor=${token?.id}`);
    expect(log.data).toHaveLength(4);
    await makeUser(scim, ADA); // who is made again is another person
    expect(await auditOf(tenant)).toHaveLength(5);
  });

  it('is one of its name, of its externalId and of its address, in any case', async () => {
    const { scim } = await provisionedTenant();
    await makeUser(scim, ADA);
    const other = await makeUser(scim);
    const taken = [409, 'uniqueness'];
    const inputs = [
      { userName: 'Ada@Example.Test' },
      { userName: 'b', externalId: 'ext-ada' },
      { userName: 'b', emails: [{ value: 'ADA@example.test' }] },
    ];
    for (const input of inputs) {
      expect(await scimRefusal(scim, 'POST', USERS, input)).toEqual(taken);
      expect(await scimRefusal(scim, 'PUT', `${USERS}/${other}`, input)).toEqual(taken);
    }
  });

  it('is changed only as the version that is named', async () => {
    const { scim } = await provisionedTenant();
    const path = `${USERS}/${await makeUser(scim)}`;
    const rename = patchOf({ op: 'add', path: 'displayName', value: 'A' });
    const old = { ...scim, 'if-match': 'W/"7"' };
    expect(await scimRefusal(old, 'PATCH', path, rename)).toEqual([412, null]);
    expect(await scimRefusal(old, 'DELETE', path)).toEqual([412, null]);
    expect(await scimRefusal({ ...scim, 'if-match': 'nonsense' }, 'PUT', path, { userName: 'a' })).toEqual([412, null]);
    expect((await send({ ...scim, 'if-match': 'W/"1"' }, 'PATCH', path, rename)).status).toBe(200);
  });

  it('keeps every one of changes that come at the same time', async () => {
    const { scim } = await provisionedTenant();
    const path = `${USERS}/${await makeUser(scim)}`;
    const fields = { title: 'T', displayName: 'D', locale: 'en' };
    const changes = Object.entries(fields).map(([path, value]) => patchOf({ op: 'replace', path, value }));
    await Promise.all(changes.map((body) => done(scim, 'PATCH', path, body)));
    expect(await done(scim, 'GET', path)).toMatchObject({ ...fields, meta: { version: 'W/"4"' } });
  });
});

describe('a list of people', () => {
  it('is filtered, paged and cut to attributes', async () => {
    const { scim } = await provisionedTenant();
    const ada = await makeUser(scim, ADA);
    const ids = [ada, await makeUser(scim, { active: false, displayName: 'Bob "B" \\ Bo' }), await makeUser(scim)];
    const find = async (filter: string) =>
      (await done<List>(scim, 'GET', `${USERS}?filter=${encodeURIComponent(filter)}`)).Resources.map(({ id }) => id);
    const [a, b, c] = ids.toSorted();
    expect(await find('userName eq "ADA@example.test"')).toEqual([ada]);
    expect(await find('externalId eq "ext-ada"')).toEqual([ada]);
    expect(await find('externalId eq "EXT-ADA"')).toEqual([]);
    expect(await find(`id eq "${ada}"`)).toEqual([ada]);
    expect(await find('active eq false')).toEqual([ids[1]]);
    expect(await find('active ne false')).toEqual([ids[0], ids[2]]);
    expect(await find('not (active eq "False")')).toEqual([ids[0], ids[2]]);
    expect(await find('emails[type eq "work"].value eq "ada@example.test"')).toEqual([ada]);
    expect(await find('emails[type eq "work" and value co "ADA@"]')).toEqual([ada]);
    expect(await find('emails.value ew "example.test" and displayName sw "ada"')).toEqual([ada]);
    expect(await find('displayName eq "Bob \\"B\\" \\\\ Bo"')).toEqual([ids[1]]);
    expect(await find('displayName eq "Bob \\"B\\" \\ Bo"')).toEqual([ids[1]]); // a backslash that escapes nothing
    expect(await find('displayName pr')).toEqual([ids[0], ids[1]]);
    expect(await find('displayName eq null or userName eq "nobody"')).toEqual([ids[2]]);
    expect(await find('urn:ietf:params:scim:schemas:core:2.0:User:name.familyName co "LOVE"')).toEqual([ada]);
    expect(await find('meta.lastModified gt "2020-01-01T00:00:00Z"')).toEqual([a, b, c]);
    expect(await find('meta.lastModified lt "2020-01-01T00:00:00Z"')).toEqual([]);
    expect(await find('userName eq "\' or true --"')).toEqual([]);

    const page = await done<List>(scim, 'GET', `${USERS}?startIndex=2&count=1`);
    expect(page).toMatchObject({ totalResults: 3, startIndex: 2, itemsPerPage: 1, Resources: [{ id: b }] });
    expect(await done(scim, 'GET', `${USERS}?startIndex=-3&count=0`)).toMatchObject({ startIndex: 1, Resources: [] });
    const cut = `${USERS}/${ada}?attributes=userName,name.familyName,${ENTERPRISE}:department`;
    expect(await done(scim, 'GET', cut)).toEqual({
      ...{ schemas: ADA.schemas, id: ada, userName: ADA.userName, name: { familyName: 'Lovelace' } },
      [ENTERPRISE]: { department: 'Engines' },
    });
    const rest = await done<ScimUser>(scim, 'GET', `${USERS}/${ada}?excludedAttributes=EMAILS,name.givenName`);
    expect(rest).toMatchObject({ userName: ADA.userName, name: { familyName: 'Lovelace' } });
    expect(rest.emails).toBeUndefined();
    expect(rest.name).not.toHaveProperty('givenName');
  });

  it('refuses filters that it cannot do, and is not kept busy by any', async () => {
    const { scim } = await provisionedTenant();
    const hostile = [
      ...['userName', 'userName eq', 'userName xx "a"', 'userName eq "a" and', '(userName eq "a"', 'eq eq eq'],
      ...['password eq "a"', 'members.value eq "a"', '__proto__ eq "a"', 'constructor pr', 'userName[value eq "a"]'],
      ...['active gt true', 'active eq "maybe"', 'userName eq 5', 'userName eq true', 'userName gt null'],
      ...['meta.lastModified gt "yesterday"', 'meta.lastModified gt "+275760-09-13T00:00:00Z"'],
      ...['userName eq "\\u0000"', 'userName eq "\\ud800"', 'userName eq "a\nb"', `userName eq "${'\n'.repeat(60)}`],
      ...[`${'('.repeat(200)}userName pr${')'.repeat(200)}`, `${'not '.repeat(100)}(userName pr)`],
      ...[`emails[${'emails['.repeat(60)}`, `userName eq "${'a'.repeat(2_000)}"`, '"', '\\', '', ' '],
    ];
    const startedAt = Date.now();
    const kinds = new Set<string>();
    for (const filter of hostile) {
      const refusal = await scimRefusal(scim, 'GET', `${USERS}?filter=${encodeURIComponent(filter)}`);
      kinds.add(refusal.join(' '));
    }
    expect([...kinds].sort()).toEqual(['400 invalidFilter', '400 invalidValue']); // the latter for one that is too long
    expect(Date.now() - startedAt).toBeLessThan(20_000);
  });
});

describe('what is wrong with a person', () => {
  it('is told in SCIM’s words, and never is a fault of ours', async () => {
    const { scim } = await provisionedTenant();
    const path = `${USERS}/${await makeUser(scim)}`;
    const post = (body: unknown) => scimRefusal(scim, 'POST', USERS, body);
    const invalidValue = [400, 'invalidValue'];
    expect(await post('{"userName":')).toEqual([400, 'invalidSyntax']);
    expect(await post('')).toEqual([400, 'invalidSyntax']);
    for (const body of [{}, [], 'null', '1', { userName: '' }, { userName: 5 }, { userName: 'a\0b' }]) {
      expect(await post(body)).toEqual(invalidValue);
    }
    expect(await post({ userName: 'a', emails: 'a@b' })).toEqual(invalidValue);
    expect(await post({ userName: 'a', active: 'maybe' })).toEqual(invalidValue);
    expect(await post(`{"userName":"a","name":${'['.repeat(40)}${']'.repeat(40)}}`)).toEqual([400, 'tooMany']);
    const plain = { ...scim, 'content-type': 'text/plain' };
    expect(await scimRefusal(plain, 'POST', USERS, '{}')).toEqual([415, null]);
    expect(await scimRefusal(scim, 'GET', `${USERS}?count=many`)).toEqual(invalidValue);
    expect(await scimRefusal(scim, 'GET', `${USERS}/not-a-uuid`)).toEqual(invalidValue);
    expect(await scimRefusal(scim, 'PUT', `${USERS}/${NOBODYS}`, { userName: 'a' })).toEqual([404, null]);

    const patch = (...operations: object[]) => scimRefusal(scim, 'PATCH', path, patchOf(...operations));
    expect(await scimRefusal(scim, 'PATCH', path, { Operations: [] })).toEqual(invalidValue);
    expect(await patch({ op: 'move', path: 'title', value: 'a' })).toEqual(invalidValue);
    expect(await patch({ op: 'remove' })).toEqual([400, 'noTarget']);
    expect(await patch({ op: 'replace', path: 'id', value: 'a' })).toEqual([400, 'mutability']);
    expect(await patch({ op: 'replace', path: 'title[', value: 'a' })).toEqual([400, 'invalidPath']);
    expect(await patch({ op: 'replace', path: 'title[value eq "a"]', value: 'a' })).toEqual([400, 'invalidPath']);
    expect(await patch({ op: 'replace', path: 'emails[value zz "a"].type', value: 'a' })).toEqual([
      400,
      'invalidFilter',
    ]);
    const nowhere = { op: 'replace', path: 'emails[value co "nobody"].type', value: 'fax' };
    expect(await patch(nowhere)).toEqual([400, 'noTarget']);
    expect(await patch({ op: 'replace', path: 'emails[not (type pr)].value.x.y', value: 1 })).toEqual([
      400,
      'invalidPath',
    ]);
    expect(await patch({ op: 'remove', path: 'userName' })).toEqual(invalidValue);
    expect(await patch({ op: 'replace', path: 'displayName', value: { a: 1 } })).toEqual(invalidValue);
    expect(await patch({ op: 'add', value: 'a' })).toEqual(invalidValue);
    expect(await done(scim, 'GET', path)).toMatchObject({ meta: { version: 'W/"1"' } });
  });

  it('does not reach the prototype of anything', async () => {
    const { scim } = await provisionedTenant();
    const path = `${USERS}/${await makeUser(scim)}`;
    const names = [
      '__proto__',
      'constructor',
      '__proto__.polluted',
      'constructor.prototype.polluted',
      'name.__proto__',
    ];
    for (const name of names) {
      const value = JSON.parse(`{"${name}":{"polluted":true},"name":{"${name}":"yes","__proto__":{"polluted":1}}}`);
      for (const op of ['add', 'replace']) {
        await send(scim, 'PATCH', path, patchOf({ op, path: name, value: 'yes' }, { op, value }));
        await send(scim, 'PATCH', path, patchOf({ op, path: 'emails[type eq "work"]', value }));
      }
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    }
    expect(JSON.stringify(await done(scim, 'GET', path))).not.toContain('polluted');
  });
});

describe('who is no longer active', () => {
  it('has no session, no rights and no seat, within one request, until they are active again', async () => {
    const tenant = await provisionedTenant({ plan: 'starter', defaultRoleId: await builtInRole('viewer') });
    const { scim, tenantId } = tenant;
    const id = await makeUser(scim);
    const usage = await useSession(id, tenantId);
    expect((await usage()).status).toBe(200); // control: the session works
    const off = patchOf({ op: 'Replace', path: 'active', value: 'False' });
    expect(await done(scim, 'PATCH', `${USERS}/${id}`, off)).toMatchObject({ active: false });
    expect((await usage()).status).toBe(401);
    const rows = await ownerSql()`select from sessions where user_id = ${id}`;
    expect(rows).toHaveLength(0);
    for (let seat = 0; seat < 4; seat++) await makeUser(scim); // the owner has the fifth
    const on = patchOf({ op: 'replace', value: { active: true } });
    expect(await scimRefusal(scim, 'PATCH', `${USERS}/${id}`, on)).toEqual([403, null]);
    expect(await done(scim, 'GET', `${USERS}/${id}`)).toMatchObject({ active: false });
    expect(await scimRefusal(scim, 'POST', USERS, { userName: 'more' })).toEqual([403, null]);
    expect(await done(scim, 'GET', `${USERS}?filter=userName%20eq%20%22more%22`)).toMatchObject({ totalResults: 0 });
    await ownerSql()`update tenants set plan = 'enterprise' where id = ${tenantId}`;
    expect(await done(scim, 'PATCH', `${USERS}/${id}`, on)).toMatchObject({ active: true });
    const members = await done<{ data: { userId: string; roles: object[] }[] }>(tenant.as, 'GET', '/v1/members');
    expect(members.data.find(({ userId }) => userId === id)?.roles).toMatchObject([{ name: 'viewer', source: 'hand' }]);
  });

  it('ends likewise where they are ended for good', async () => {
    const { scim, tenantId } = await provisionedTenant({ defaultRoleId: await builtInRole('viewer') });
    const id = await makeUser(scim);
    const usage = await useSession(id, tenantId);
    expect((await usage()).status).toBe(200);
    await done(scim, 'DELETE', `${USERS}/${id}`);
    expect((await usage()).status).toBe(401);
    for (const table of ['sessions', 'identities', 'user_roles', 'scim_group_members']) {
      expect(await ownerSql().query(`select from ${table} where user_id = $1`, [id])).toHaveLength(0);
    }
    expect(await ownerSql()`select from users where id = ${id}`).toHaveLength(0);
  });
});

/** Begins a session as a sign-in by the tenant's provider would; answers how to ask for something with it. */
async function useSession(userId: string, tenantId: string): Promise<() => Promise<Response>> {
  const token = mintSessionToken();
  await ownerSql()`insert into sessions (user_id, token_hash, rights, issuer, subject, home_tenant_id)
    values (${userId}, ${await hashSessionToken(token)}, '', ${testEnv.TENANT_ISSUER}, ${userId}, ${tenantId})`;
  const browser = new TestBrowser();
  browser.own.set('__Host-eufm_session', token);
  return () => browser.request('/v1/metrics/usage', { headers: { 'x-tenant-id': tenantId } });
}

describe('SCIM', () => {
  it('describes itself', async () => {
    const { scim } = await provisionedTenant();
    const read = (name: string) => done<List>(scim, 'GET', `/v1/scim/v2/${name}`);
    expect(await read('ServiceProviderConfig')).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
    });
    expect((await read('ResourceTypes')).Resources.map(({ id }) => id)).toEqual(['User', 'Group']);
    expect((await read('Schemas')).Resources.map(({ id }) => id)).toHaveLength(3);
    expect((await call('GET', '/v1/scim/v2/Schemas')).status).toBe(401);
  });
});
