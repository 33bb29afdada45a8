import { beforeAll, describe, expect, it } from 'vitest';
import page from '../../../docs/access.md?raw';
import type { CreatedInvitation } from '../../../shared/contracts/http/invitations.ts';
import type { Role } from '../../../shared/contracts/http/roles.ts';
import { claim, type Owned, ownedTenant, someDomain } from '../../harness/domains.ts';
import { ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { builtInRole, joinAs, mintPerson } from '../../harness/people.ts';
import { done, refused, send } from '../../harness/send.ts';
import { SITE, TestBrowser } from '../../harness/test-browser.ts';

/** The page's table of plans, which another test holds to the code. */
const [HEAD = [], , ...LINES] = (page.split('\n## Which roles a plan offers\n')[1] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(0, 6)
  .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
const ROLE_NAMES = HEAD.slice(2, -1);
const PLANS = LINES.map(([, plan = '']) => plan);

/** Every cell of the table. */
const CELLS = LINES.flatMap(([, plan = '', ...cells]) =>
  ROLE_NAMES.map((role, at) => ({ plan, role, isOffered: cells[at] === 'yes' })),
);
/** The smallest plan that has a role. */
const planOf = (role: string) => CELLS.find((cell) => cell.role === role && cell.isOffered)?.plan;

const tenants = {} as Record<string, Owned & { memberId: string }>;
const roleIds = {} as Record<string, string>;

beforeAll(async () => {
  for (const role of ROLE_NAMES) roleIds[role] = await builtInRole(role);
  for (const plan of PLANS) {
    const [tenant, member] = [await ownedTenant(plan), await mintPerson()];
    await joinAs(member, tenant.tenantId, 'viewer');
    tenants[plan] = { ...tenant, memberId: member.userId };
  }
});

/** All ways by which somebody is given a role, or is to get it later: what each is asked, and what is undone behind it. */
const WAYS = {
  'an invitation': ({ as }: Owned, roleId: string) =>
    send(as, 'POST', '/v1/invitations', { email: 'somebody@example.test', roleIds: [roleId] }),
  'a change of a member’s roles': ({ as, memberId }: (typeof tenants)[string], roleId: string) =>
    send(as, 'PATCH', `/v1/members/${memberId}`, { roleIds: [roleId] }),
  'an identity provider': async ({ as }: Owned, defaultRoleId: string) => {
    const response = await send(as, 'POST', '/v1/identity-providers', {
      ...{ name: 'own', issuer: testEnv.TENANT_ISSUER, clientId: 'eufm', defaultRoleId },
    });
    const { id } = await response.clone().json<{ id?: string }>();
    if (id) await done(as, 'DELETE', `/v1/identity-providers/${id}`);
    return response;
  },
  'a changed identity provider': async ({ as }: Owned, defaultRoleId: string) => {
    const input = { name: 'own', issuer: testEnv.TENANT_ISSUER, clientId: 'eufm' };
    const { id } = await done<{ id: string }>(as, 'POST', '/v1/identity-providers', input);
    const response = await send(as, 'PATCH', `/v1/identity-providers/${id}`, { defaultRoleId });
    await done(as, 'DELETE', `/v1/identity-providers/${id}`);
    return response;
  },
  'a domain': ({ as }: Owned, defaultRoleId: string) =>
    send(as, 'POST', '/v1/domains', { name: someDomain(), defaultRoleId }),
  'a changed domain': async (tenant: Owned, defaultRoleId: string) => {
    const { id } = await claim(tenant, someDomain());
    return await send(tenant.as, 'PATCH', `/v1/domains/${id}`, { defaultRoleId });
  },
};
type Way = (typeof WAYS)[keyof typeof WAYS];

/** Null: it was done. Otherwise why it was not. */
async function refusalOf(way: Way, plan: string, role: string): Promise<string | null> {
  const tenant = tenants[plan];
  if (!tenant) throw new Error(`no tenant of ${plan}`);
  const response = await way(tenant, roleIds[role] ?? '');
  if (response.ok) return null;
  const { code, detail, errors } = await response.json<{ code: string; detail: string; errors: object[] }>();
  expect([response.status, code, errors.length]).toEqual([400, 'bad_request', 1]);
  return detail;
}

describe('every cell of plans and roles', () => {
  it('is in the page', () => {
    expect(PLANS).toEqual(['starter', 'professional', 'enterprise', 'enterprise_plus']);
    expect(CELLS).toHaveLength(4 * 7);
    expect(CELLS.filter(({ isOffered }) => !isOffered)).toHaveLength(4);
  });

  it.each(Object.entries(WAYS))(
    '%s gives what the plan offers, and says which plan has what it does not',
    async (_name, way) => {
      for (const { plan, role, isOffered } of CELLS) {
        const refusal = await refusalOf(way, plan, role);
        if (isOffered) expect([plan, role, refusal]).toEqual([plan, role, null]);
        else expect(refusal).toContain(`${role} comes with the plan ${planOf(role)}`);
      }
    },
  );

  it('is what the list of roles says', async () => {
    for (const plan of PLANS) {
      const { data } = await done<{ data: Role[] }>(tenants[plan]?.as ?? {}, 'GET', '/v1/roles');
      const said = data.map(({ name, isOffered }) => ({ plan, role: name, isOffered }));
      expect(said).toEqual(expect.arrayContaining(CELLS.filter((cell) => cell.plan === plan)));
      for (const { name, offeredIn } of data) {
        expect(offeredIn).toEqual(
          CELLS.filter(({ role, isOffered }) => role === name && isOffered).map((cell) => cell.plan),
        );
      }
    }
  });

  it.each(Object.entries(WAYS))(
    'control: %s gives a role that was refused once the plan is another',
    async (_name, way) => {
      const [tenant, member] = [await ownedTenant('starter'), await mintPerson()];
      await joinAs(member, tenant.tenantId, 'viewer');
      const ask = async () => (await way({ ...tenant, memberId: member.userId }, roleIds.auditor ?? '')).status;
      expect(await ask()).toBe(400);
      await ownerSql()`update tenants set plan = 'enterprise' where id = ${tenant.tenantId}`;
      expect(await ask()).toBeLessThan(300);
    },
  );
});

describe('a plan that has become smaller', () => {
  const shrink = ({ tenantId }: Owned) => ownerSql()`update tenants set plan = 'starter' where id = ${tenantId}`;

  it('leaves members what they have, and gives nobody else a role that it does not offer', async () => {
    const tenant = await ownedTenant('enterprise');
    const [member, invited] = [await mintPerson(), await mintPerson()];
    await joinAs(member, tenant.tenantId, 'auditor');
    const invite = async (...names: string[]) =>
      await done<CreatedInvitation>(tenant.as, 'POST', '/v1/invitations', {
        ...{ email: invited.email, roleIds: names.map((name) => roleIds[name]) },
      });
    const accept = ({ token }: CreatedInvitation) => send(invited.headers, 'POST', '/v1/invitations/accept', { token });
    const only = await invite('auditor');
    await shrink(tenant);
    expect((await send(member.in(tenant.tenantId), 'GET', '/v1/audit-logs')).status).toBe(200);
    const kept = { roleIds: [roleIds.auditor, roleIds.viewer] };
    await done(tenant.as, 'PATCH', `/v1/members/${member.userId}`, kept);
    const refusal = await refused(invited.headers, 'POST', '/v1/invitations/accept', { token: only.token });
    expect(refusal).toMatchObject({ status: 409, code: 'conflict' });
    await ownerSql()`update tenants set plan = 'enterprise' where id = ${tenant.tenantId}`;
    const both = await invite('auditor', 'viewer');
    await shrink(tenant);
    expect(await (await accept(both)).json()).toEqual({ tenantId: tenant.tenantId, roles: ['viewer'] });
  });

  it('lets its own identity provider’s people in without the role, which is audited', async () => {
    const tenant = await ownedTenant('enterprise');
    const provider = await done<{ loginUrl: string }>(tenant.as, 'POST', '/v1/identity-providers', {
      ...{ name: 'own', issuer: testEnv.TENANT_ISSUER, clientId: 'eufm', clientSecret: testEnv.OIDC_CLIENT_SECRET },
      defaultRoleId: roleIds.auditor,
    });
    const rolesOf = async () => {
      const browser = new TestBrowser();
      await browser.signIn(`${crypto.randomUUID()}@example.test`, provider.loginUrl.slice(SITE.length));
      const { tenants } = await (await browser.request('/v1/me')).json<{ tenants: { roles: string[] }[] }>();
      return tenants.flatMap(({ roles }) => roles);
    };
    expect(await rolesOf()).toEqual(['auditor']); // control
    await shrink(tenant);
    expect(await rolesOf()).toEqual([]);
    const joins = await ownerSql()`select action, metadata -> 'after' ->> 'reason' as reason from audit_logs
      where tenant_id = ${tenant.tenantId} and action like 'member.%joined' order by created_at`;
    expect(joins).toEqual([
      { action: 'member.joined', reason: null },
      { action: 'member.not_joined', reason: 'not_offered' },
    ]);
  });
});
