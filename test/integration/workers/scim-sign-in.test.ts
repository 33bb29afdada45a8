import { describe, expect, it } from 'vitest';
import type { CreatedScimToken, ScimToken } from '../../../shared/contracts/http/scim-tokens.ts';
import { createDatabase } from '../../../shared/db/client.ts';
import { signInPerson } from '../../../shared/services/sign-in-person.ts';
import { eventually } from '../../harness/eventually.ts';
import { call } from '../../harness/gateway-client.ts';
import { ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { builtInRole, joinAs, mintPerson } from '../../harness/people.ts';
import { auditOf, makeUser, patchOf, provisionedTenant, USERS } from '../../harness/scim-client.ts';
import { done, refused, send } from '../../harness/send.ts';
import { FROM_HERE } from '../../harness/signed-in.ts';
import { SITE, TestBrowser } from '../../harness/test-browser.ts';

const someone = () => `${crypto.randomUUID()}@example.test`;

/** A tenant with an identity provider at which people can sign in; there a person’s address is their subject. */
async function trusting(more: object = {}) {
  const tenant = await provisionedTenant();
  await done(tenant.as, 'DELETE', `/v1/identity-providers/${tenant.providerId}`);
  const input = {
    name: 'own',
    issuer: testEnv.TENANT_ISSUER,
    clientId: 'eufm',
    clientSecret: testEnv.OIDC_CLIENT_SECRET,
  };
  const made = await done<{ id: string; loginUrl: string }>(tenant.as, 'POST', '/v1/identity-providers', {
    ...input,
    ...more,
  });
  const tokens = `/v1/identity-providers/${made.id}/scim-tokens`;
  const { token } = await done<CreatedScimToken>(tenant.as, 'POST', tokens, { name: 'idp' });
  const scim = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
  const signIn = async (email: string) => {
    const browser = new TestBrowser();
    const response = await browser.signIn(email, made.loginUrl.slice(SITE.length));
    if (response.status !== 302) return null;
    return { browser, me: await (await browser.request('/v1/me')).json<{ id: string; email: string }>() };
  };
  return { ...tenant, providerId: made.id, scim, tokens, signIn };
}

describe('who was provisioned', () => {
  it('is the same person when they sign in, by externalId and not by address', async () => {
    const { scim, signIn, ...tenant } = await trusting({ defaultRoleId: await builtInRole('viewer') });
    const [ada, bob] = [someone(), someone()];
    const id = await makeUser(scim, { externalId: ada, emails: [{ value: ada }] });
    expect((await signIn(ada))?.me).toMatchObject({ id, email: ada });
    expect((await signIn(ada))?.me).toMatchObject({ id });
    expect((await auditOf(tenant)).filter((action) => action === 'scim_user.linked')).toHaveLength(1);
    await makeUser(scim, { externalId: 'somebody else', emails: [{ value: bob }] });
    expect(await signIn(bob)).toBeNull();
  });

  it('signs in no more when they are not active, or are ended, or are somebody else to their provider', async () => {
    const { scim, signIn } = await trusting();
    const [ada, other] = [someone(), someone()];
    const id = await makeUser(scim, { externalId: ada, emails: [{ value: ada }] });
    const first = await signIn(ada);
    const me = () => first?.browser.request('/v1/me');
    expect((await me())?.status).toBe(200);
    const change = (value: object) => done(scim, 'PATCH', `${USERS}/${id}`, patchOf({ op: 'replace', value }));
    await change({ active: false });
    expect((await me())?.status).toBe(401);
    expect(await signIn(ada)).toBeNull();
    await change({ active: true });
    expect((await signIn(ada))?.me.id).toBe(id);
    await change({ externalId: other });
    expect(await signIn(ada)).toBeNull(); // their address is that of the person who is provisioned
    expect((await signIn(other))?.me.id).toBe(id);
    await done(scim, 'DELETE', `${USERS}/${id}`);
    expect((await signIn(other))?.me.id).not.toBe(id);
  });

  it('can have signed in before, and keeps who they are', async () => {
    const { scim, signIn } = await trusting();
    const ada = someone();
    const before = await signIn(ada);
    const id = await makeUser(scim, { externalId: ada, emails: [{ value: ada }] });
    expect(id).toBe(before?.me.id);
  });

  it('is found by oid, where that is to say who they are, and not by their subject', async () => {
    const { scim, signIn, tenantId, providerId } = await trusting({ externalIdClaim: 'oid' });
    const ada = someone();
    const id = await makeUser(scim, { externalId: ada, emails: [{ value: someone() }] });
    const bySubject = await signIn(ada); // the test's provider sends no oid
    expect(bySubject?.me.id).not.toBe(id);
    const db = createDatabase({ databaseUrl: testEnv.DATABASE_URL, neonEndpoint: testEnv.NEON_ENDPOINT });
    const signInAs = (subject: string, externalId: string | null) =>
      signInPerson(
        db,
        {
          ...{ issuer: testEnv.TENANT_ISSUER, subject, homeTenantId: tenantId },
          ...{ email: someone(), emailVerified: true, name: null },
        },
        { tenantId, providerId, externalId, roleId: null, requestId: crypto.randomUUID() },
      );
    const subject = crypto.randomUUID();
    expect(await signInAs(subject, ada)).toMatchObject({ value: { userId: id, isNew: false } });
    expect(await signInAs(subject, null)).toMatchObject({ value: { userId: id } });
    expect(await signInAs(crypto.randomUUID(), 'unknown')).toMatchObject({ value: { isNew: true } });
  });
});

describe('a SCIM token', () => {
  it('is shown once, stored as a hash, works until it is revoked or expires, and for SCIM alone', async () => {
    const tenant = await trusting();
    const { as, tokens, scim } = tenant;
    const made = await done<CreatedScimToken>(as, 'POST', tokens, { name: 'second' });
    expect(made.token).toMatch(/^eufm_scim_eu_[0-9A-Za-z]{68}$/);
    expect(made).toMatchObject({ status: 'active', baseUrl: `${SITE}/v1/scim/v2`, createdBy: tenant.owner.userId });
    const stored = await ownerSql()`select scim_tokens::text as text from scim_tokens where id = ${made.id}`;
    const audit = await ownerSql()`select metadata::text as text from audit_logs where tenant_id = ${tenant.tenantId}`;
    expect(JSON.stringify([stored, audit])).not.toContain(made.token.slice(-46));
    const second = { ...scim, authorization: `Bearer ${made.token}` };
    expect((await send(second, 'GET', USERS)).status).toBe(200);
    expect((await send({ ...second, 'x-tenant-id': tenant.tenantId }, 'GET', USERS)).status).toBe(200);
    expect((await send({ ...second, 'x-tenant-id': crypto.randomUUID() }, 'GET', USERS)).status).toBe(403);
    expect(await refused({ ...second, 'x-tenant-id': tenant.tenantId }, 'GET', '/v1/members')).toMatchObject({
      status: 401,
    });
    for (const headers of [as, tenant.headers, {}]) expect((await send(headers, 'GET', USERS)).status).toBe(401);
    for (let at = 10; at < made.token.length; at += 3) {
      const typo = made.token.slice(0, at) + (made.token[at] === 'a' ? 'b' : 'a') + made.token.slice(at + 1);
      expect((await call('GET', USERS, { headers: { authorization: `Bearer ${typo}` } })).status).toBe(401);
    }
    const used = await eventually(
      async () => (await done<{ data: ScimToken[] }>(as, 'GET', tokens)).data.find(({ id }) => id === made.id),
      (token) => token?.lastUsedAt !== null,
    );
    expect(used?.lastUsedAt).toEqual(expect.any(String));
    await done(as, 'DELETE', `${tokens}/${made.id}`);
    expect((await send(second, 'GET', USERS)).status).toBe(401);
    expect(await refused(as, 'DELETE', `${tokens}/${made.id}`)).toMatchObject({ status: 404 });
    expect((await send(scim, 'GET', USERS)).status).toBe(200); // control: the other one goes on working
    const { data } = await done<{ data: ScimToken[] }>(as, 'GET', tokens);
    expect(data.map(({ status }) => status)).toEqual(['active', 'revoked']);
    await ownerSql()`update scim_tokens set expires_at = now() where tenant_id = ${tenant.tenantId}`;
    expect((await send(scim, 'GET', USERS)).status).toBe(401);
    const actions = (await auditOf(tenant)).filter((action) => action.startsWith('scim_token'));
    expect(actions).toEqual(['scim_token.created', 'scim_token.created', 'scim_token.revoked']);
  });

  it('rests with its identity provider and with its tenant', async () => {
    const { as, scim, providerId, tenantId } = await trusting();
    const status = async () => (await send(scim, 'GET', USERS)).status;
    await done(as, 'PATCH', `/v1/identity-providers/${providerId}`, { enabled: false });
    expect(await status()).toBe(401);
    await done(as, 'PATCH', `/v1/identity-providers/${providerId}`, { enabled: true });
    expect(await status()).toBe(200);
    await ownerSql()`update tenants set status = 'suspended' where id = ${tenantId}`;
    expect(await status()).toBe(403);
  });

  it('reaches nothing of another connection, in its tenant or in another', async () => {
    const [mine, theirs] = [await trusting(), await trusting()];
    const user = await makeUser(theirs.scim);
    const absent = crypto.randomUUID();
    for (const [method, body] of [
      ['GET', undefined],
      ['PUT', { userName: 'a' }],
      ['PATCH', patchOf({ op: 'add', path: 'title', value: 'a' })],
      ['DELETE', undefined],
    ] as const) {
      const ask = async (id: string) => (await send(mine.scim, method, `${USERS}/${id}`, body)).text();
      expect(await ask(user)).toBe(await ask(absent));
    }
    const patch = (id: string) => patchOf({ op: 'add', path: 'members', value: [{ value: id }] });
    const { id } = await done<{ id: string }>(mine.scim, 'POST', '/v1/scim/v2/Groups', { displayName: 'g' });
    const put = async (user: string) =>
      (await send(mine.scim, 'PATCH', `/v1/scim/v2/Groups/${id}`, patch(user))).text();
    expect(await put(user)).toBe(await put(absent));
    expect(await done(mine.scim, 'GET', USERS)).toMatchObject({ totalResults: 0 });
    expect(await done(theirs.scim, 'GET', `${USERS}/${user}`)).toMatchObject({ id: user, meta: { version: 'W/"1"' } });
  });
});

describe('the rights of people of an identity provider', () => {
  it('are what who makes a token for it, or removes it, must have, also where it only signed them in', async () => {
    const { signIn, ...tenant } = await trusting();
    const admin = await mintPerson();
    await joinAs(admin, tenant.tenantId, 'admin');
    const asAdmin = admin.in(tenant.tenantId);
    const ada = await signIn(someone());
    if (!ada) throw new Error('nobody signed in');
    await done(asAdmin, 'POST', tenant.tokens, { name: 'a' }); // control: nobody of them may more so far
    await joinAs({ userId: ada.me.id }, tenant.tenantId, 'owner');
    const provider = `/v1/identity-providers/${tenant.providerId}`;
    const beyond = { status: 403, code: 'permission_denied' };
    expect(await refused(asAdmin, 'POST', tenant.tokens, { name: 'b' })).toMatchObject(beyond);
    expect(await refused(asAdmin, 'DELETE', provider)).toMatchObject(beyond);

    await done(tenant.as, 'DELETE', `/v1/members/${tenant.owner.userId}`);
    const asAda = { 'x-tenant-id': tenant.tenantId, ...FROM_HERE };
    const remove = () => ada.browser.request(provider, { method: 'DELETE', headers: asAda });
    const last = { status: 409, code: 'last_owner' };
    expect(await (await remove()).json()).toMatchObject(last);
    await joinAs(tenant.owner, tenant.tenantId, 'owner');
    expect((await remove()).status).toBe(204); // control: with an owner who comes by another one
    expect(await auditOf(tenant)).toContain('identity_provider.deleted');
    const leave = `/v1/tenants/${tenant.tenantId}/membership`; // which would leave an owner who cannot sign in
    expect(await refused(tenant.owner.headers, 'DELETE', leave)).toMatchObject(last);
  });
});
