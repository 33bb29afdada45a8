import { beforeAll, describe, expect, it } from 'vitest';
import type { Me } from '../../../shared/contracts/http/me.ts';
import { auditOf, claim, type Owned, ownedTenant, provenDomain, publish, someDomain } from '../../harness/domains.ts';
import { ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { builtInRole, joinAs, mintPerson } from '../../harness/people.ts';
import { done } from '../../harness/send.ts';
import { SITE, TestBrowser } from '../../harness/test-browser.ts';

let viewer: string;
let auditor: string;

beforeAll(async () => {
  [viewer, auditor] = [await builtInRole('viewer'), await builtInRole('auditor')];
});

const someone = (domain: string) => `${crypto.randomUUID()}@${domain}`;

/** Signs in at the platform's identity provider, in a browser of one's own; answers who that is. */
async function signIn(email: string, loginPath?: string): Promise<Me> {
  const browser = new TestBrowser();
  const response = await browser.signIn(email, loginPath);
  if (response.status !== 302) throw new Error(await response.text());
  return await (await browser.request('/v1/me')).json<Me>();
}

const rolesIn = ({ tenants }: Me, { tenantId }: Owned) =>
  tenants.filter((each) => each.tenantId === tenantId).flatMap(({ roles }) => roles);

/** What the tenant's log says of joining. */
const joinsOf = async (tenant: Owned) =>
  (await auditOf(tenant)).filter(({ action }) => action === 'member.joined' || action === 'member.not_joined');

describe('who signs in with a verified address of a verified domain', () => {
  it('joins its tenant with its role, audited once, however often they come', async () => {
    const tenant = await ownedTenant();
    const { name } = await provenDomain(tenant, viewer);
    const email = someone(name.toUpperCase());
    const me = await signIn(email);
    expect(rolesIn(me, tenant)).toEqual(['viewer']);
    expect(rolesIn(await signIn(email), tenant)).toEqual(['viewer']);
    const joins = await joinsOf(tenant);
    expect(joins).toMatchObject([
      { action: 'member.joined', target: me.id, metadata: { after: { domain: name, roleIds: [viewer] } } },
    ]);
  });

  it('joins it once of many sign-ins at the same time', async () => {
    const tenant = await ownedTenant();
    const email = someone((await provenDomain(tenant, viewer)).name);
    await signIn(email.replace('@', '-else@')); // somebody else
    const all = await Promise.all(Array.from({ length: 4 }, () => signIn(email)));
    for (const me of all) expect(rolesIn(me, tenant)).toEqual(['viewer']);
    expect((await joinsOf(tenant)).filter(({ target }) => target === all[0]?.id)).toHaveLength(1);
  });

  it('joins it as the person who they were before, with what they had elsewhere', async () => {
    const [tenant, other] = [await ownedTenant(), await ownedTenant()];
    const email = someone(someDomain());
    const before = await signIn(email);
    await ownerSql()`insert into user_roles (tenant_id, user_id, role_id) values (${other.tenantId}, ${before.id}, ${viewer})`;
    const claimed = await claim(tenant, email.split('@')[1] ?? '', viewer);
    expect(rolesIn(await signIn(email), tenant)).toEqual([]); // not while it is not proven
    await publish(claimed.record.name, [claimed.record.value]);
    await done(tenant.as, 'POST', `/v1/domains/${claimed.id}/verify`);
    const after = await signIn(email);
    expect([after.id, rolesIn(after, tenant), rolesIn(after, other)]).toEqual([before.id, ['viewer'], ['viewer']]);
  });

  it('keeps the roles that they have, and gets no other', async () => {
    const tenant = await ownedTenant('enterprise');
    const email = someone((await provenDomain(tenant, viewer)).name);
    await ownerSql()`update domains set default_role_id = null where tenant_id = ${tenant.tenantId}`;
    const me = await signIn(email);
    await ownerSql()`insert into user_roles (tenant_id, user_id, role_id) values (${tenant.tenantId}, ${me.id}, ${auditor})`;
    await ownerSql()`update domains set default_role_id = ${viewer} where tenant_id = ${tenant.tenantId}`;
    expect(rolesIn(await signIn(email), tenant)).toEqual(['auditor']);
    expect(await joinsOf(tenant)).toEqual([]);
  });
});

describe('nobody joins', () => {
  it.each([
    ['without a role', 'update domains set default_role_id = null where tenant_id = $1'],
    ['with a role that is gone', 'update domains set default_role_id = tenant_id where tenant_id = $1'],
    ['once the domain lapsed', 'update verified_domains set lapsed_at = now() where holder_id = $1'],
    ['once the domain is removed', 'delete from domains where tenant_id = $1'],
    ['a tenant that is suspended', "update tenants set status = 'suspended' where id = $1"],
    ['control: but with all of it', 'select $1::uuid'],
  ])('%s', async (name, change) => {
    const tenant = await ownedTenant();
    const domain = await provenDomain(tenant, viewer);
    await ownerSql().query(change, [tenant.tenantId]);
    const me = await signIn(someone(domain.name));
    const isControl = name.startsWith('control');
    expect(rolesIn(me, tenant)).toEqual(isControl ? ['viewer'] : []);
    expect(await joinsOf(tenant)).toHaveLength(isControl ? 1 : 0);
  });

  it('with an address of a subdomain, of a longer name, or with the domain before the @', async () => {
    const tenant = await ownedTenant();
    const { name } = await provenDomain(tenant, viewer);
    for (const email of [someone(`mail.${name}`), someone(`x${name}`), `${name}@${someDomain()}`]) {
      expect(rolesIn(await signIn(email), tenant)).toEqual([]);
    }
  });

  it('with an address that the identity provider has not verified', async () => {
    const tenant = await ownedTenant();
    const { name } = await provenDomain(tenant, viewer);
    const known = async (local: string) => {
      const email = `${local}-${crypto.randomUUID()}@${name}`;
      const userId = crypto.randomUUID();
      await ownerSql()`insert into users (id, email, name) values (${userId}, ${email}, 'Known')`;
      await ownerSql()`insert into identities (user_id, provider, issuer, subject)
        values (${userId}, 'oidc', ${testEnv.OIDC_ISSUER}, ${email})`;
      const me = await signIn(email);
      expect(me.id).toBe(userId);
      return rolesIn(me, tenant);
    };
    expect(await known('unverified')).toEqual([]);
    expect(await known('verified')).toEqual(['viewer']); // control
  });

  it('whom a tenant’s own identity provider brings: they are that tenant’s alone', async () => {
    const [tenant, other] = [await ownedTenant(), await ownedTenant()];
    const { name } = await provenDomain(tenant, viewer);
    const provider = await done<{ loginUrl: string }>(other.as, 'POST', '/v1/identity-providers', {
      ...{ name: 'own', issuer: testEnv.TENANT_ISSUER, clientId: 'eufm', clientSecret: testEnv.OIDC_CLIENT_SECRET },
      emailDomains: [name], // which proves nothing
    });
    const me = await signIn(someone(name), provider.loginUrl.slice(SITE.length));
    expect(me.tenants).toEqual([]);
    expect(await joinsOf(tenant)).toEqual([]);
  });

  it('who was removed or left, until they are invited', async () => {
    const tenant = await ownedTenant();
    const email = someone((await provenDomain(tenant, viewer)).name);
    const me = await signIn(email);
    await done(tenant.as, 'DELETE', `/v1/members/${me.id}`);
    expect(rolesIn(await signIn(email), tenant)).toEqual([]);
    expect(await joinsOf(tenant)).toHaveLength(1);
    const { token } = await done<{ token: string }>(tenant.as, 'POST', '/v1/invitations', { email, roleIds: [viewer] });
    const browser = new TestBrowser();
    await browser.signIn(email);
    const headers = { origin: SITE, 'content-type': 'application/json' };
    const accepted = await browser.request('/v1/invitations/accept', {
      ...{ method: 'POST', headers, body: JSON.stringify({ token }) },
    });
    expect(accepted.status).toBe(200);
    expect(rolesIn(await signIn(email), tenant)).toEqual(['viewer']);
  });
});

describe('where there is no place', () => {
  it('who signs in is signed in and no member, which is audited; and is one when there is place again', async () => {
    const tenant = await ownedTenant();
    const { name } = await provenDomain(tenant, viewer);
    const others = [];
    for (let count = 1; count < 5; count++) others.push(await mintPerson()); // with the owner a starter's five
    for (const other of others) await joinAs(other, tenant.tenantId, 'viewer');
    const email = someone(name);
    const me = await signIn(email);
    expect(rolesIn(me, tenant)).toEqual([]);
    expect(await joinsOf(tenant)).toMatchObject([
      { action: 'member.not_joined', target: me.id, metadata: { after: { domain: name, reason: 'member_limit' } } },
    ]);
    await done(tenant.as, 'DELETE', `/v1/members/${others[0]?.userId}`);
    expect(rolesIn(await signIn(email), tenant)).toEqual(['viewer']);
    expect((await joinsOf(tenant)).map(({ action }) => action)).toEqual(['member.not_joined', 'member.joined']);
  });

  it('of several at once only as many join as there is place for', async () => {
    const tenant = await ownedTenant();
    const { name } = await provenDomain(tenant, viewer);
    for (const other of [await mintPerson(), await mintPerson()]) await joinAs(other, tenant.tenantId, 'viewer');
    const all = await Promise.all(Array.from({ length: 5 }, () => signIn(someone(name))));
    expect(all.flatMap((me) => rolesIn(me, tenant))).toHaveLength(2);
    const actions = (await joinsOf(tenant)).map(({ action }) => action).toSorted();
    expect(actions).toEqual([...Array(2).fill('member.joined'), ...Array(3).fill('member.not_joined')]);
  });

  it('nor a role that the plan offers, nobody joins, which is audited', async () => {
    const tenant = await ownedTenant('enterprise');
    const { name } = await provenDomain(tenant, auditor);
    expect(rolesIn(await signIn(someone(name)), tenant)).toEqual(['auditor']); // control
    await ownerSql()`update tenants set plan = 'professional' where id = ${tenant.tenantId}`;
    expect(rolesIn(await signIn(someone(name)), tenant)).toEqual([]);
    expect((await joinsOf(tenant)).at(-1)).toMatchObject({ metadata: { after: { reason: 'not_offered' } } });
  });
});
