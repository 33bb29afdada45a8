import { describe, expect, it } from 'vitest';
import { ROLES } from '../../../shared/auth/permissions.ts';
import type { IdentityProvider } from '../../../shared/contracts/http/identity-providers.ts';
import { eventually } from '../../harness/eventually.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { signToken } from '../../harness/sign-token.ts';
import { SITE, TestBrowser } from '../../harness/test-browser.ts';

const ALL = ['members:write', 'usage:read', 'policies:read', 'policies:write'];
const PATH = '/v1/identity-providers';

const someone = () => `${crypto.randomUUID()}@example.test`;

async function roleId(name: string): Promise<string> {
  const [row] = await ownerSql()`select id from roles where name = ${name} and tenant_id is null`;
  return row?.id;
}

const JSON_BODY = { 'content-type': 'application/json' };

/** Adds an environment to a tenant; answers its id. */
async function addEnvironment({ tenantId }: TestTenant): Promise<string> {
  const id = crypto.randomUUID();
  await ownerSql()`insert into environments (id, tenant_id, name, type) values (${id}, ${tenantId}, 'prod', 'prod')`;
  await ownerSql()`update tenants set config_version = config_version + 1 where id = ${tenantId}`;
  return id;
}

async function send(headers: Record<string, string>, method: string, path: string, body?: object) {
  return await new TestBrowser().request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

/** Lets people of the second issuer into a tenant. */
async function trust({ headers }: TestTenant, more: object = {}): Promise<IdentityProvider> {
  const input = {
    name: 'own',
    issuer: testEnv.TENANT_ISSUER,
    clientId: 'eufm',
    clientSecret: testEnv.OIDC_CLIENT_SECRET,
  };
  const response = await send(headers, 'POST', PATH, { ...input, ...more });
  if (response.status !== 201) throw new Error(await response.text());
  return await response.json();
}

/** An access token of the second issuer, as it would give one out. */
function tenantToken(subject: string, more: object = {}, key = testEnv.TENANT_SIGNING_KEY): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: testEnv.TENANT_ISSUER, aud: testEnv.OIDC_AUDIENCE, sub: subject, iat: now, exp: now + 600 };
  return signToken(key, { ...claims, ...more }, { typ: 'at+jwt' });
}

async function usage(tenant: TestTenant, token: string, more: Record<string, string> = {}): Promise<[number, unknown]> {
  const headers = { authorization: `Bearer ${token}`, 'x-tenant-id': tenant.tenantId, ...more };
  const response = await send(headers, 'GET', '/v1/metrics/usage');
  const { code } = await response.json<{ code?: string }>();
  return [response.status, code];
}

const loginOf = (provider: IdentityProvider) => provider.loginUrl.slice(SITE.length);

describe('a tenant’s own identity provider', () => {
  it('is set up, read, changed and removed, and never shows its secret', async () => {
    const tenant = await mintTenant({ scopes: ALL });
    const made = await trust(tenant);
    expect(made).toMatchObject({
      ...{ name: 'own', issuer: testEnv.TENANT_ISSUER, hasClientSecret: true, enabled: true },
      redirectUri: `${SITE}/v1/auth/callback`,
    });
    const path = `${PATH}/${made.id}`;
    expect(await (await send(tenant.headers, 'GET', path)).json()).toEqual(made);
    const change = { name: 'ours', emailDomains: ['Example.Test'], clientSecret: 'another secret' };
    const changed = await (await send(tenant.headers, 'PATCH', path, change)).json<IdentityProvider>();
    expect(changed).toEqual({ ...made, name: 'ours', emailDomains: ['example.test'] });
    expect(await (await send(tenant.headers, 'GET', PATH)).json()).toEqual({ data: [changed], nextCursor: null });
    const rows =
      await ownerSql()`select encrypted_client_secret as sealed from identity_providers where id = ${made.id}`;
    const audit = await ownerSql()`select action, metadata::text as text from audit_logs
      where tenant_id = ${tenant.tenantId} order by created_at`;
    expect(JSON.stringify([rows, audit])).not.toContain('another secret');
    expect(JSON.stringify([rows, audit])).not.toContain(testEnv.OIDC_CLIENT_SECRET);
    expect((await send(tenant.headers, 'DELETE', path)).status).toBe(204);
    expect((await send(tenant.headers, 'GET', path)).status).toBe(404);
    expect(audit.map(({ action }) => action)).toEqual(['identity_provider.created', 'identity_provider.updated']);
  });

  it('needs members:write, and is another tenant’s as little as one that is not there', async () => {
    const [tenant, other] = [await mintTenant({ scopes: ALL }), await mintTenant({ scopes: ALL })];
    const weak = await mintTenant({ scopes: ['usage:read', 'policies:write'] });
    const made = await trust(tenant);
    for (const [method, path] of [
      ['GET', PATH],
      ['GET', `${PATH}/${made.id}`],
      ['DELETE', `${PATH}/${made.id}`],
    ] as const) {
      expect((await send(weak.headers, method, path)).status).toBe(403);
    }
    for (const [method, body] of [['GET'], ['PATCH', { enabled: false }], ['DELETE']] as const) {
      expect((await send(other.headers, method, `${PATH}/${made.id}`, body)).status).toBe(404);
    }
    expect((await send(tenant.headers, 'GET', `${PATH}/${made.id}`)).status).toBe(200);
  });

  it('cannot be the platform’s, nor what is no issuer, nor bring people with more rights than who sets it up', async () => {
    const { headers } = await mintTenant({ scopes: ALL });
    const refuse = async (more: object) => {
      const input = { name: 'a', issuer: testEnv.TENANT_ISSUER, clientId: 'eufm', ...more };
      const response = await send(headers, 'POST', PATH, input);
      const { errors } = await response.json<{ errors: { pointer: string }[] }>();
      return [response.status, errors.map(({ pointer }) => pointer)];
    };
    expect(await refuse({ issuer: testEnv.OIDC_ISSUER })).toEqual([400, ['/issuer']]);
    expect(await refuse({ issuer: testEnv.CLOSED_URL })).toEqual([400, ['/issuer']]);
    expect(await refuse({ issuer: `${testEnv.TENANT_ISSUER}/other` })).toEqual([400, ['/issuer']]);
    expect(await refuse({ defaultRoleId: crypto.randomUUID() })).toEqual([400, ['/defaultRoleId']]);
    expect(await refuse({ defaultRoleId: await roleId('owner') })).toEqual([403, ['/defaultRoleId']]);
    expect(await refuse({ environmentId: crypto.randomUUID() })).toEqual([400, ['/environmentId']]);
  });
});

describe('people of a tenant’s own identity provider', () => {
  const scopes = [...ALL, 'tasks:read'];

  it('sign in and join by its role, act in that tenant alone, and are nobody whom the platform knows', async () => {
    const [tenant, other] = [await mintTenant({ scopes }), await mintTenant({ scopes })];
    const provider = await trust(tenant, { defaultRoleId: await roleId('viewer') });
    const email = someone();
    const platform = new TestBrowser();
    await platform.signIn(email);
    const browser = new TestBrowser();
    expect((await browser.signIn(email, loginOf(provider))).status).toBe(302);
    const me = await (await browser.request('/v1/me')).json<{ id: string; tenants: object[] }>();
    expect(me.tenants).toMatchObject([{ tenantId: tenant.tenantId, roles: ['viewer'] }]);
    const there = await (await platform.request('/v1/me')).json<{ id: string; tenants: object[] }>();
    expect(there.id).not.toBe(me.id);
    expect(there.tenants).toEqual([]);
    const audit = await ownerSql()`select action from audit_logs where tenant_id = ${tenant.tenantId}
      and actor_user_id = ${me.id} order by created_at`;
    expect(audit.map(({ action }) => action)).toEqual(['member.joined', 'session.created']);

    await ownerSql()`insert into user_roles (tenant_id, user_id, role_id)
      values (${other.tenantId}, ${me.id}, ${await roleId('viewer')})`; // which they ought not to have
    const inTenant = (tenantId: string) =>
      browser.request('/v1/metrics/usage', { headers: { 'x-tenant-id': tenantId } });
    expect((await inTenant(tenant.tenantId)).status).toBe(200);
    expect((await inTenant(other.tenantId)).status).toBe(403);
  });

  it('are refused by a domain that it may not bring', async () => {
    const tenant = await mintTenant({ scopes });
    const provider = await trust(tenant, { emailDomains: ['example.test'] });
    const [inside, outside] = [new TestBrowser(), new TestBrowser()];
    expect((await inside.signIn(someone(), loginOf(provider))).status).toBe(302);
    const refused = await outside.signIn(`${crypto.randomUUID()}@evil-example.test`, loginOf(provider));
    expect(await refused.json()).toMatchObject({ code: 'sign_in_failed' });
  });

  it('are out within five seconds of its end', async () => {
    const tenant = await mintTenant({ scopes });
    const provider = await trust(tenant, { defaultRoleId: await roleId('viewer') });
    const browser = new TestBrowser();
    await browser.signIn(someone(), loginOf(provider));
    expect((await browser.request('/v1/me')).status).toBe(200);
    await send(tenant.headers, 'PATCH', `${PATH}/${provider.id}`, { enabled: false });
    const status = async () => (await browser.request('/v1/me')).status;
    expect(await eventually(status, (answer) => answer === 401)).toBe(401);
    expect((await new TestBrowser().request(loginOf(provider))).status).toBe(404);
  });
});

describe('access tokens of a tenant’s own identity provider', () => {
  const scopes = [...ALL, 'tasks:read'];

  /** A tenant with a member of its own provider, and their subject there. */
  async function withMember(more: object = {}) {
    const tenant = await mintTenant({ scopes });
    const provider = await trust(tenant, { defaultRoleId: await roleId('viewer'), ...more });
    const subject = someone();
    await new TestBrowser().signIn(subject, loginOf(provider));
    return { tenant, subject };
  }

  it('serve a member of that tenant, and say who they are', async () => {
    const { tenant, subject } = await withMember();
    const token = await tenantToken(subject);
    expect((await usage(tenant, token))[0]).toBe(200);
    const headers = { authorization: `Bearer ${token}`, 'x-tenant-id': tenant.tenantId };
    expect(await (await send(headers, 'GET', '/v1/me')).json()).toMatchObject({
      ...{ email: subject, session: null, tenants: [{ tenantId: tenant.tenantId }] },
    });
    expect((await send({ authorization: headers.authorization }, 'GET', '/v1/me')).status).toBe(401);
  });

  it('mean nothing in a tenant that does not trust the issuer, though it has the same subject', async () => {
    const { subject } = await withMember();
    const [stranger, trusting] = [await mintTenant({ scopes }), await mintTenant({ scopes })];
    await trust(trusting);
    expect(await usage(stranger, await tenantToken(subject))).toEqual([401, 'unauthenticated']);
    expect(await usage(trusting, await tenantToken(subject))).toEqual([403, 'tenant_mismatch']);
  });

  it('cannot speak for the platform’s issuer, nor that for them', async () => {
    const { tenant, subject } = await withMember();
    const forged = await tenantToken(testEnv.MEMBER_SUBJECT, { iss: testEnv.OIDC_ISSUER });
    expect(await usage(tenant, forged)).toEqual([401, 'unauthenticated']);
    expect(await usage(tenant, await tenantToken(subject, {}, testEnv.SIGNING_KEY))).toEqual([401, 'unauthenticated']);
  });

  it('act in the one environment that the issuer is for', async () => {
    const tenant = await mintTenant({ scopes });
    const other = await addEnvironment(tenant);
    const provider = await trust(tenant, {
      ...{ environmentId: tenant.environmentId, defaultRoleId: await roleId('viewer') },
    });
    const subject = someone();
    await new TestBrowser().signIn(subject, loginOf(provider));
    const token = await tenantToken(subject);
    expect((await usage(tenant, token))[0]).toBe(200);
    expect((await usage(tenant, token, { 'x-env-id': tenant.environmentId }))[0]).toBe(200);
    expect(await usage(tenant, token, { 'x-env-id': other })).toEqual([403, 'environment_mismatch']);
  });

  it('make keys of that environment, and of no other', async () => {
    const tenant = await mintTenant({ scopes: [...scopes, ...ROLES.developer.permissions] });
    const other = await addEnvironment(tenant);
    const provider = await trust(tenant, {
      ...{ environmentId: tenant.environmentId, defaultRoleId: await roleId('developer') },
    });
    const subject = someone();
    await new TestBrowser().signIn(subject, loginOf(provider));
    const as = { authorization: `Bearer ${await tenantToken(subject)}`, 'x-tenant-id': tenant.tenantId, ...JSON_BODY };
    const make = async (headers: Record<string, string>, name: string, environmentId?: string) => {
      const input = { name, scopes: ['usage:read'], ...(environmentId && { environmentId }) };
      const response = await send(headers, 'POST', '/v1/api-keys', input);
      return await response.json<{ id: string; environmentId?: string; errors?: { pointer: string }[] }>();
    };
    const denied = { code: 'permission_denied', errors: [{ pointer: '/environmentId' }] };
    expect(await make(as, 'own')).toMatchObject({ environmentId: tenant.environmentId });
    expect(await make(as, 'elsewhere', other)).toMatchObject(denied);
    const admin = await mintPerson();
    await joinAs(admin, tenant.tenantId, 'admin');
    const theirs = await make(admin.in(tenant.tenantId), 'theirs', other); // control: it is the environment alone
    expect(theirs).toMatchObject({ environmentId: other });
    const rotated = await send(as, 'POST', `/v1/api-keys/${theirs.id}/rotate`, {});
    expect(await rotated.json()).toMatchObject(denied);
  });
});
