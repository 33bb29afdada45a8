import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProvisionedGroup } from '../../../shared/contracts/http/provisioned-groups.ts';
import type { ScimGroup } from '../../../shared/contracts/http/scim/groups.ts';
import { ownerSql } from '../../harness/mint-tenant.ts';
import { builtInRole, joinAs, mintPerson } from '../../harness/people.ts';
import {
  auditOf,
  GROUPS,
  makeGroup,
  makeUser,
  mapGroup,
  type ProvisionedTenant,
  patchOf,
  provisionedTenant,
  scimRefusal,
  USERS,
} from '../../harness/scim-client.ts';
import { done, refused, send } from '../../harness/send.ts';

const NOBODYS = '00000000-0000-4000-8000-0000000000ff';

const membersOf = async ({ scim }: ProvisionedTenant, id: string) =>
  ((await done<ScimGroup>(scim, 'GET', `${GROUPS}/${id}`)).members ?? []).map(({ value }) => value).toSorted();

/** A person's roles by name, with what gives each. */
async function rolesOf({ tenantId }: ProvisionedTenant, userId: string): Promise<Record<string, string>> {
  const rows = await ownerSql()`select roles.name, source from user_roles join roles on roles.id = role_id
    where user_roles.tenant_id = ${tenantId} and user_id = ${userId} order by roles.name`;
  return Object.fromEntries(rows.map(({ name, source }) => [name, source]));
}

const setMembers = (tenant: ProvisionedTenant, id: string, op: string, ...ids: string[]) =>
  send(
    tenant.scim,
    'PATCH',
    `${GROUPS}/${id}`,
    patchOf({ op, path: 'members', value: ids.map((value) => ({ value })) }),
  );

describe('a group of SCIM', () => {
  it('is made, read, found, replaced, changed and removed, with one audit entry each', async () => {
    const tenant = await provisionedTenant();
    const { scim } = tenant;
    const ids = [await makeUser(scim), await makeUser(scim), await makeUser(scim)].toSorted();
    const [a = '', b = '', c = ''] = ids;
    const input = { displayName: 'Engineers', externalId: 'g-1', members: [{ value: a, display: 'ignored' }] };
    const response = await send(scim, 'POST', GROUPS, input);
    expect(response.status).toBe(201);
    const made = await response.json<ScimGroup>();
    expect(made).toMatchObject({ displayName: 'Engineers', externalId: 'g-1', members: [{ value: a, type: 'User' }] });
    const path = `${GROUPS}/${made.id}`;
    expect(response.headers.get('location')).toBe(`https://gateway.test${path}`);
    expect(await scimRefusal(scim, 'POST', GROUPS, { displayName: 'ENGINEERS' })).toEqual([409, 'uniqueness']);
    expect(await scimRefusal(scim, 'POST', GROUPS, { displayName: 'x', externalId: 'g-1' })).toEqual([
      409,
      'uniqueness',
    ]);

    const find = (filter: string) =>
      done<{ totalResults: number }>(scim, 'GET', `${GROUPS}?${new URLSearchParams({ filter })}`);
    expect(await find('displayName eq "engineers"')).toMatchObject({ totalResults: 1 });
    expect(await find(`members.value eq "${a}"`)).toMatchObject({ totalResults: 1 });
    expect(await find(`members[value eq "${b}"]`)).toMatchObject({ totalResults: 0 });
    expect(await done(scim, 'GET', `${path}?excludedAttributes=members`)).not.toHaveProperty('members');
    expect(await done(scim, 'GET', `${USERS}/${a}`)).toMatchObject({
      groups: [{ value: made.id, display: 'Engineers' }],
    });

    await done(scim, 'PUT', path, { displayName: 'Builders', members: [{ value: b }, { value: c }, { value: b }] });
    expect(await membersOf(tenant, made.id)).toEqual([b, c]);
    await setMembers(tenant, made.id, 'Add', a, b);
    expect(await membersOf(tenant, made.id)).toEqual([a, b, c]);
    await setMembers(tenant, made.id, 'Add', a, b); // changes nothing
    await done(scim, 'PATCH', path, patchOf({ op: 'remove', path: `members[value eq "${b}"]` }));
    await setMembers(tenant, made.id, 'Remove', a);
    expect(await membersOf(tenant, made.id)).toEqual([c]);
    await done(scim, 'PATCH', path, patchOf({ op: 'replace', value: { id: made.id, displayName: 'Makers' } }));
    await done(
      scim,
      'PATCH',
      path,
      patchOf({ op: 'remove', path: 'members' }, { op: 'add', value: { members: [{ value: a }] } }),
    );
    expect(await done(scim, 'GET', path)).toMatchObject({ displayName: 'Makers', members: [{ value: a }] });
    await done(scim, 'DELETE', path);
    expect(await scimRefusal(scim, 'GET', path)).toEqual([404, null]);
    expect((await auditOf(tenant)).filter((action) => action.startsWith('scim_group'))).toEqual([
      ...['scim_group.created', ...Array(6).fill('scim_group.updated'), 'scim_group.deleted'],
    ]);
  });

  it('refuses what is wrong in SCIM’s words, and changes nothing by half', async () => {
    const tenant = await provisionedTenant();
    const { scim } = tenant;
    const user = await makeUser(scim);
    const path = `${GROUPS}/${await makeGroup(tenant, null, [user])}`;
    const patch = (...operations: object[]) => scimRefusal(scim, 'PATCH', path, patchOf(...operations));
    const invalidValue = [400, 'invalidValue'];
    expect(await scimRefusal(scim, 'POST', GROUPS, { displayName: 'x', members: [{ value: NOBODYS }] })).toEqual(
      invalidValue,
    );
    expect(await scimRefusal(scim, 'POST', GROUPS, {})).toEqual(invalidValue);
    expect(
      await patch({ op: 'remove', path: 'members' }, { op: 'add', path: 'members', value: [{ value: NOBODYS }] }),
    ).toEqual(invalidValue);
    expect(await patch({ op: 'add', path: 'members', value: [{ value: 'no id' }] })).toEqual(invalidValue);
    expect(await patch({ op: 'remove', path: 'members[display eq "a"]' })).toEqual([400, 'invalidFilter']);
    expect(await patch({ op: 'remove', path: `members[value eq "${'\n'.repeat(60)}]` })).toEqual([400, 'invalidPath']);
    expect(await patch({ op: 'replace', path: 'meta', value: 1 })).toEqual([400, 'mutability']);
    expect(await patch({ op: 'remove', path: 'displayName' })).toEqual(invalidValue);
    expect(await patch({ op: 'remove' })).toEqual([400, 'noTarget']);
    expect(await scimRefusal({ ...scim, 'if-match': 'W/"9"' }, 'DELETE', path)).toEqual([412, null]);
    expect(await membersOf(tenant, path.slice(GROUPS.length + 1))).toEqual([user]);
  });

  it('keeps everybody whom requests at the same time put in', async () => {
    const tenant = await provisionedTenant();
    const ids = await Promise.all(Array.from({ length: 8 }, () => makeUser(tenant.scim)));
    const group = await makeGroup(tenant, null);
    await Promise.all(ids.map((id) => setMembers(tenant, group, 'add', id)));
    expect(await membersOf(tenant, group)).toEqual(ids.toSorted());
  });
});

describe('the role of a group', () => {
  it('is had by who is in it, from the next request on, beside what was given by hand', async () => {
    const tenant = await provisionedTenant();
    const [developer, viewer] = [await builtInRole('developer'), await builtInRole('viewer')];
    const user = await makeUser(tenant.scim);
    const group = await makeGroup(tenant, developer, [user]);
    expect(await rolesOf(tenant, user)).toEqual({ developer: 'group' });
    await done(tenant.as, 'PATCH', `/v1/members/${user}`, { roleIds: [viewer] });
    expect(await rolesOf(tenant, user)).toEqual({ developer: 'group', viewer: 'hand' });
    const { data } = await done<{ data: { userId: string }[] }>(tenant.as, 'GET', '/v1/members');
    expect(data.find(({ userId }) => userId === user)).toMatchObject({
      roles: [
        { name: 'developer', source: 'group' },
        { name: 'viewer', source: 'hand' },
      ],
    });
    await setMembers(tenant, group, 'remove', user);
    expect(await rolesOf(tenant, user)).toEqual({ viewer: 'hand' });
    await setMembers(tenant, group, 'add', user);
    await mapGroup(tenant, group, null);
    expect(await rolesOf(tenant, user)).toEqual({ viewer: 'hand' });
    const list = `/v1/identity-providers/${tenant.providerId}/scim-groups`;
    const groups = await done<{ data: ProvisionedGroup[] }>(tenant.as, 'GET', list);
    expect(groups.data).toMatchObject([{ id: group, roleId: null, memberCount: 1 }]);
    expect((await auditOf(tenant)).filter((action) => action === 'scim_group.mapped')).toHaveLength(2);
  });

  it('is none that who says so does not have, nor one that the plan does not offer or that is not there', async () => {
    const tenant = await provisionedTenant({ plan: 'starter' });
    const admin = await mintPerson();
    await joinAs(admin, tenant.tenantId, 'admin');
    const group = await makeGroup(tenant, null);
    const path = `/v1/identity-providers/${tenant.providerId}/scim-groups/${group}`;
    const asAdmin = admin.in(tenant.tenantId);
    const put = (headers: Record<string, string>, roleId: string | null, at = path) =>
      refused(headers, 'PUT', at, { roleId });
    const owner = await builtInRole('owner');
    expect(await put(asAdmin, owner)).toMatchObject({ status: 403, code: 'permission_denied' });
    await mapGroup(tenant, group, owner);
    expect(await put(asAdmin, null)).toMatchObject({ status: 403, code: 'permission_denied' });
    expect(await put(asAdmin, await builtInRole('viewer'))).toMatchObject({ status: 403 });
    expect(await put(tenant.as, await builtInRole('auditor'))).toMatchObject({ status: 400 });
    expect(await put(tenant.as, NOBODYS)).toMatchObject({ status: 400 });
    expect(await put(tenant.as, null, path.replace(group, NOBODYS))).toMatchObject({ status: 404 });
    const tokens = `/v1/identity-providers/${tenant.providerId}/scim-tokens`;
    expect(await refused(asAdmin, 'POST', tokens, { name: 'a' })).toMatchObject({ code: 'permission_denied' });
  });

  it('makes no more members than the plan has seats, and never some of them', async () => {
    const tenant = await provisionedTenant({ plan: 'starter' });
    const viewer = await builtInRole('viewer');
    const ids = await Promise.all(Array.from({ length: 5 }, () => makeUser(tenant.scim)));
    const four = ids.slice(0, 4);
    const group = await makeGroup(tenant, viewer, four); // the owner is the fifth
    const fifth = patchOf({ op: 'add', path: 'members', value: [{ value: ids[4] }] });
    expect(await scimRefusal(tenant.scim, 'PATCH', `${GROUPS}/${group}`, fifth)).toEqual([403, null]);
    expect(await membersOf(tenant, group)).toEqual(four.toSorted());
    expect(await rolesOf(tenant, ids[4] ?? '')).toEqual({});
    const other = await makeGroup(tenant, null, ids);
    const map = `/v1/identity-providers/${tenant.providerId}/scim-groups/${other}`;
    expect(await refused(tenant.as, 'PUT', map, { roleId: viewer })).toMatchObject({ code: 'member_limit_reached' });
    await setMembers(tenant, group, 'remove', ids[0] ?? '');
    expect((await send(tenant.scim, 'PATCH', `${GROUPS}/${group}`, fifth)).status).toBe(200);
  });

  it('leaves the tenant its last owner, whatever the identity provider asks for', async () => {
    const tenant = await provisionedTenant();
    const user = await makeUser(tenant.scim);
    const group = await makeGroup(tenant, await builtInRole('owner'), [user]);
    await done(tenant.as, 'DELETE', `/v1/members/${tenant.owner.userId}`);
    const path = `${GROUPS}/${group}`;
    const last = [409, null];
    expect(await scimRefusal(tenant.scim, 'DELETE', path)).toEqual(last);
    expect(await scimRefusal(tenant.scim, 'PATCH', path, patchOf({ op: 'remove', path: 'members' }))).toEqual(last);
    expect(
      await scimRefusal(tenant.scim, 'PATCH', `${USERS}/${user}`, patchOf({ op: 'add', path: 'active', value: false })),
    ).toEqual(last);
    expect(await scimRefusal(tenant.scim, 'DELETE', `${USERS}/${user}`)).toEqual(last);
    expect(await rolesOf(tenant, user)).toEqual({ owner: 'group' });
    await joinAs(tenant.owner, tenant.tenantId, 'owner'); // control: with another one it is allowed
    expect((await send(tenant.scim, 'DELETE', path)).status).toBe(204);
    expect(await rolesOf(tenant, user)).toEqual({});
  });

  it('ends with a role that is removed, and with an identity provider that is', async () => {
    const tenant = await provisionedTenant();
    const role = { name: 'own', description: 'own', permissions: ['usage:read'] };
    const { id } = await done<{ id: string }>(tenant.as, 'POST', '/v1/roles', role);
    const user = await makeUser(tenant.scim);
    const group = await makeGroup(tenant, id, [user]);
    await done(tenant.as, 'DELETE', `/v1/roles/${id}`);
    expect(await rolesOf(tenant, user)).toEqual({});
    await mapGroup(tenant, group, await builtInRole('viewer'));
    expect(await rolesOf(tenant, user)).toEqual({ viewer: 'group' });
    await done(tenant.as, 'DELETE', `/v1/identity-providers/${tenant.providerId}`);
    expect(await rolesOf(tenant, user)).toEqual({});
    expect(await ownerSql()`select from users where id = ${user}`).toHaveLength(0);
    expect((await send(tenant.scim, 'GET', USERS)).status).toBe(401);
  });
});

describe('the roles of every member', () => {
  const ROLES = ['developer', 'viewer', 'analyst'];
  type Step =
    | { readonly kind: 'add' | 'remove'; readonly group: number; readonly user: number }
    | { readonly kind: 'replace'; readonly group: number; readonly users: readonly number[] }
    | { readonly kind: 'map'; readonly group: number; readonly role: number | null }
    | { readonly kind: 'hand'; readonly user: number; readonly roles: readonly number[] }
    | { readonly kind: 'leave' | 'flip'; readonly user: number };

  const [user, group, role] = [fc.nat(2), fc.nat(1), fc.nat(2)];
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constantFrom('add' as const, 'remove' as const), group, user }),
    fc.record({ kind: fc.constant('replace' as const), group, users: fc.uniqueArray(user) }),
    fc.record({ kind: fc.constant('map' as const), group, role: fc.option(role) }),
    fc.record({ kind: fc.constant('hand' as const), user, roles: fc.uniqueArray(role, { minLength: 1 }) }),
    fc.record({ kind: fc.constantFrom('leave' as const, 'flip' as const), user }),
  );

  /** What is to be so: by hand, by group, and what each group gives. */
  class Model {
    readonly hand = [0, 1, 2].map(() => new Set<number>());
    readonly members = [0, 1].map(() => new Set<number>());
    readonly gives: (number | null)[] = [null, null];

    rolesOf(user: number): Record<string, string> {
      const given = this.members.flatMap((members, at) => (members.has(user) ? [this.gives[at] ?? null] : []));
      const entries = ROLES.flatMap((name, role): [string, string][] => {
        if (this.hand[user]?.has(role)) return [[name, 'hand']];
        return given.includes(role) ? [[name, 'group']] : [];
      });
      return Object.fromEntries(entries);
    }

    take(step: Step): void {
      if (step.kind === 'add') this.members[step.group]?.add(step.user);
      if (step.kind === 'remove') this.members[step.group]?.delete(step.user);
      if (step.kind === 'replace') this.members[step.group] = new Set(step.users);
      if (step.kind === 'map') this.gives[step.group] = step.role;
      const isMember = 'user' in step && Object.keys(this.rolesOf(step.user)).length > 0;
      if (step.kind === 'hand' && isMember) this.hand[step.user] = new Set(step.roles);
      if (step.kind === 'leave' && isMember) {
        this.hand[step.user]?.clear();
        for (const members of this.members) members.delete(step.user);
      }
    }
  }

  /** Plays steps by the API, and answers where the roles are not as the model has them. */
  async function play(steps: readonly Step[], model = new Model()): Promise<string[]> {
    const tenant = await provisionedTenant();
    const roleIds = await Promise.all(ROLES.map(builtInRole));
    const users = [await makeUser(tenant.scim), await makeUser(tenant.scim), await makeUser(tenant.scim)];
    const groups = [await makeGroup(tenant, null), await makeGroup(tenant, null)];
    const active = [true, true, true];
    const differences: string[] = [];
    for (const step of steps) {
      const group = 'group' in step ? (groups[step.group] ?? '') : '';
      const user = 'user' in step ? (users[step.user] ?? '') : '';
      if (step.kind === 'add' || step.kind === 'remove') await setMembers(tenant, group, step.kind, user);
      if (step.kind === 'replace')
        await setMembers(tenant, group, 'replace', ...step.users.map((at) => users[at] ?? ''));
      if (step.kind === 'map') await mapGroup(tenant, group, step.role === null ? null : (roleIds[step.role] ?? ''));
      if (step.kind === 'hand') {
        await send(tenant.as, 'PATCH', `/v1/members/${user}`, { roleIds: step.roles.map((at) => roleIds[at]) });
      }
      if (step.kind === 'leave') await send(tenant.as, 'DELETE', `/v1/members/${user}`);
      if (step.kind === 'flip') {
        active[step.user] = !active[step.user];
        await done(
          tenant.scim,
          'PATCH',
          `${USERS}/${user}`,
          patchOf({ op: 'replace', value: { active: active[step.user] } }),
        );
      }
      model.take(step);
      for (const [at, id] of users.entries()) {
        const [actual, expected] = [await rolesOf(tenant, id), model.rolesOf(at)].map((roles) =>
          JSON.stringify(Object.entries(roles).toSorted()),
        );
        if (actual !== expected) differences.push(`${JSON.stringify(step)}: ${actual}, not ${expected}`);
      }
    }
    return differences;
  }

  it('are those given by hand and those of their groups, after any sequence of changes', async () => {
    const steps = fc.array(step, { minLength: 15, maxLength: 25 });
    const property = fc.asyncProperty(steps, async (steps) => {
      expect(await play(steps)).toEqual([]);
    });
    await fc.assert(property, { seed: 20_261_130, numRuns: 8, endOnFailure: true });
  }, 120_000);

  it('control: a model that forgets what was given by hand, and one that forgets groups, are found out', async () => {
    const steps: Step[] = [
      { kind: 'map', group: 0, role: 0 },
      { kind: 'add', group: 0, user: 0 },
      { kind: 'hand', user: 0, roles: [0, 1] },
      { kind: 'remove', group: 0, user: 0 },
    ];
    expect(await play(steps)).toEqual([]);
    const forgetful = new Model();
    forgetful.take = (step) => (step.kind === 'hand' ? undefined : Model.prototype.take.call(forgetful, step));
    expect(await play(steps, forgetful)).toHaveLength(2);
    const alone = new Model();
    alone.take = (step) => (step.kind === 'add' ? undefined : Model.prototype.take.call(alone, step));
    expect(await play(steps, alone)).not.toEqual([]);
  });
});
