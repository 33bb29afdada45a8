import { describe, expect, it } from 'vitest';
import { PERMISSIONS, ROLES } from '../../../shared/auth/permissions.ts';
import type { AuditEntry } from '../../../shared/contracts/http/audit-logs.ts';
import type { Domain } from '../../../shared/contracts/http/domains.ts';
import type { IdentityProvider } from '../../../shared/contracts/http/identity-providers.ts';
import type { Role } from '../../../shared/contracts/http/roles.ts';
import { mintTenant, ownerSql } from '../../harness/mint-tenant.ts';
import { builtInRole, joinAs, mintPerson } from '../../harness/people.ts';
import { done, refused, send } from '../../harness/send.ts';

const ROLE = { name: 'on-call', description: 'Looks after requests', permissions: ['usage:read', 'tasks:read'] };
const BEYOND = { status: 403, code: 'permission_denied' };

async function tenantWith(role: string) {
  const [tenant, person] = [await mintTenant(), await mintPerson()];
  await joinAs(person, tenant.tenantId, role);
  return { tenant, person, headers: person.in(tenant.tenantId) };
}

const create = (headers: Record<string, string>, role: object = ROLE) => done<Role>(headers, 'POST', '/v1/roles', role);
const list = async (headers: Record<string, string>) =>
  (await done<{ data: Role[] }>(headers, 'GET', '/v1/roles')).data;
const logOf = async (headers: Record<string, string>) =>
  (await done<{ data: AuditEntry[] }>(headers, 'GET', '/v1/audit-logs')).data;

describe('roles', () => {
  it('that are built in are every tenant’s, as the code has them, and say which the plan offers', async () => {
    const { headers, tenant } = await tenantWith('owner');
    const offered = async () =>
      (await list(headers))
        .filter(({ isOffered }) => isOffered)
        .map(({ name }) => name)
        .sort();
    const roles = Object.fromEntries((await list(headers)).map(({ name, permissions }) => [name, permissions]));
    expect(roles).toEqual(
      Object.fromEntries(Object.entries(ROLES).map(([name, { permissions }]) => [name, [...permissions].sort()])),
    );
    expect(await offered()).toEqual(['admin', 'developer', 'owner', 'viewer']);
    await ownerSql()`update tenants set plan = 'professional' where id = ${tenant.tenantId}`;
    expect(await offered()).toEqual(['admin', 'analyst', 'billing', 'developer', 'owner', 'viewer']);
    await ownerSql()`update tenants set plan = 'enterprise' where id = ${tenant.tenantId}`;
    expect(await offered()).toEqual(Object.keys(ROLES).sort());
  });

  it('of the tenant’s own are made, given, changed and removed, each with one audit row', async () => {
    const { headers, tenant, person } = await tenantWith('owner');
    const role = await create(headers);
    expect(role).toMatchObject({
      ...ROLE,
      permissions: ['tasks:read', 'usage:read'],
      isBuiltIn: false,
      isOffered: true,
    });
    const member = await mintPerson();
    await joinAs(member, tenant.tenantId, 'viewer');
    await done(headers, 'PATCH', `/v1/members/${member.userId}`, { roleIds: [role.id] });
    const as = member.in(tenant.tenantId);
    expect((await send(as, 'GET', '/v1/metrics/usage')).status).toBe(200);
    const path = `/v1/roles/${role.id}`;
    const changed = await done<Role>(headers, 'PATCH', path, { permissions: ['audit:read'], description: 'Other' });
    expect(changed).toEqual({ ...role, permissions: ['audit:read'], description: 'Other' });
    expect(await refused(as, 'GET', '/v1/metrics/usage')).toMatchObject(BEYOND);
    expect((await send(as, 'GET', '/v1/audit-logs')).status).toBe(200);
    await done(headers, 'DELETE', path);
    expect(await refused(as, 'GET', '/v1/audit-logs')).toMatchObject({ code: 'tenant_mismatch' });
    const log = await logOf(headers);
    expect(log.map(({ action }) => action)).toEqual(['role.deleted', 'role.updated', 'member.updated', 'role.created']);
    expect(log[1]).toMatchObject({
      ...{ actorUserId: person.userId, targetId: role.id },
      metadata: {
        before: { ...ROLE, permissions: ['tasks:read', 'usage:read'] },
        after: { name: ROLE.name, description: 'Other', permissions: ['audit:read'] },
      },
    });
  });

  it('that are removed are given to nobody who is new: neither by an identity provider nor by a domain', async () => {
    const { headers, tenant } = await tenantWith('owner');
    const [role, other] = [await create(headers), await create(headers, { ...ROLE, name: 'other' })];
    const domains = async () => (await done<{ data: Domain[] }>(headers, 'GET', '/v1/domains')).data;
    const providers = async () =>
      (await done<{ data: IdentityProvider[] }>(headers, 'GET', '/v1/identity-providers')).data;
    for (const { id, name } of [role, other]) {
      await done(headers, 'POST', '/v1/domains', { name: `${name}.example`, defaultRoleId: id });
      await ownerSql()`insert into identity_providers (tenant_id, name, issuer, client_id, default_role_id)
        values (${tenant.tenantId}, ${name}, ${`https://${name}.example`}, 'eufm', ${id})`;
    }
    await done(headers, 'DELETE', `/v1/roles/${role.id}`);
    for (const list of [await domains(), await providers()]) {
      const given = list.map(({ name, defaultRoleId }) => [name.split('.')[0], defaultRoleId]);
      expect(Object.fromEntries(given)).toEqual({ [role.name]: null, [other.name]: other.id });
    }
  });

  it('give nothing that who makes or changes them does not have', async () => {
    const { headers, tenant } = await tenantWith('owner');
    const admin = await mintPerson();
    await joinAs(admin, tenant.tenantId, 'admin');
    const as = admin.in(tenant.tenantId);
    expect(await refused(as, 'POST', '/v1/roles', { ...ROLE, permissions: ['billing:write'] })).toMatchObject(BEYOND);
    const mine = await create(as);
    expect(await refused(as, 'PATCH', `/v1/roles/${mine.id}`, { permissions: [...PERMISSIONS] })).toMatchObject(BEYOND);
    const theirs = await create(headers, { ...ROLE, name: 'payer', permissions: ['billing:write'] });
    expect(await refused(as, 'PATCH', `/v1/roles/${theirs.id}`, { permissions: [] })).toMatchObject(BEYOND);
    expect(await refused(as, 'DELETE', `/v1/roles/${theirs.id}`)).toMatchObject(BEYOND);
    expect(await refused(as, 'PATCH', `/v1/members/${admin.userId}`, { roleIds: [theirs.id] })).toMatchObject(BEYOND);
    expect(await done(as, 'PATCH', `/v1/roles/${theirs.id}`, { description: 'Pays' })).toMatchObject({
      description: 'Pays',
    });
  });

  it('have names of their own, beside the built-in ones, and permissions that exist', async () => {
    const { headers } = await tenantWith('owner');
    const { id } = await create(headers);
    await create(headers, { ...ROLE, name: 'other' });
    const taken = { status: 409, code: 'already_exists', errors: [{ pointer: '/name' }] };
    expect(await refused(headers, 'POST', '/v1/roles', ROLE)).toMatchObject(taken);
    expect(await refused(headers, 'POST', '/v1/roles', { ...ROLE, name: 'Owner' })).toMatchObject(taken);
    expect(await refused(headers, 'PATCH', `/v1/roles/${id}`, { name: 'other' })).toMatchObject(taken);
    expect(await refused(headers, 'PATCH', `/v1/roles/${id}`, {})).toMatchObject({ status: 400 });
    const unknown = { ...ROLE, name: 'x', permissions: ['all:all'] };
    expect(await refused(headers, 'POST', '/v1/roles', unknown)).toMatchObject({
      errors: [{ pointer: '/permissions/0' }],
    });
  });

  it('that are built in, or another tenant’s, cannot be changed: they are not found', async () => {
    const [mine, theirs] = [await tenantWith('owner'), await tenantWith('owner')];
    const foreign = await create(theirs.headers);
    const nobodys = '/v1/roles/00000000-0000-4000-8000-0000000000ff';
    const absent = await refused(mine.headers, 'DELETE', nobodys);
    expect(absent).toMatchObject({ status: 404 });
    for (const id of [foreign.id, await builtInRole('viewer')]) {
      expect(await refused(mine.headers, 'DELETE', `/v1/roles/${id}`)).toEqual(absent);
      expect(await refused(mine.headers, 'PATCH', `/v1/roles/${id}`, { name: 'x' })).toEqual(absent);
    }
    expect((await list(mine.headers)).some(({ id }) => id === foreign.id)).toBe(false);
  });
});

describe('permissions', () => {
  it('are listed to every credential, and say which of them it has', async () => {
    const { headers } = await tenantWith('viewer');
    const { data } = await done<{ data: { name: string }[] }>(headers, 'GET', '/v1/permissions');
    expect(data.map(({ name }) => name)).toEqual(PERMISSIONS);
    const asked = PERMISSIONS.join(',');
    const has = await done<Record<string, boolean>>(headers, 'GET', `/v1/permissions/check?permission=${asked}`);
    expect(
      Object.keys(has)
        .filter((name) => has[name])
        .sort(),
    ).toEqual([...ROLES.viewer.permissions].sort());
    const key = await mintTenant({ scopes: ['keys:read'] });
    expect(await done(key.headers, 'GET', '/v1/permissions/check?permission=keys:read,keys:write')).toEqual({
      'keys:read': true,
      'keys:write': false,
    });
    for (const query of ['', '?permission=', '?permission=all:all', '?permission=keys:read&x=1']) {
      expect(await refused(headers, 'GET', `/v1/permissions/check${query}`)).toMatchObject({ status: 400 });
    }
  });
});
