import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../shared/contracts/http/audit-logs.ts';
import type { CreatedInvitation, Invitation } from '../../../shared/contracts/http/invitations.ts';
import type { Member } from '../../../shared/contracts/http/members.ts';
import { mintTenant, ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { builtInRole, joinAs, mintPerson, type TestPerson } from '../../harness/people.ts';
import { done, refused, send } from '../../harness/send.ts';

const NOBODYS = '00000000-0000-4000-8000-0000000000ff';

/** A tenant with an owner, and others by their roles. */
async function team<Role extends string>(...roles: Role[]) {
  const tenant = await mintTenant();
  const owner = await mintPerson();
  await joinAs(owner, tenant.tenantId, 'owner');
  const others = {} as Record<Role, TestPerson>;
  for (const role of roles) {
    others[role] = await mintPerson();
    await joinAs(others[role], tenant.tenantId, role);
  }
  const as = (person: TestPerson) => person.in(tenant.tenantId);
  return { tenant, owner, ...others, as };
}

const invite = async (headers: Record<string, string>, email: string, ...roles: string[]) =>
  done<CreatedInvitation>(headers, 'POST', '/v1/invitations', {
    email,
    roleIds: await Promise.all(roles.map(builtInRole)),
  });

const accept = (person: TestPerson, token: string) => send(person.headers, 'POST', '/v1/invitations/accept', { token });
const acceptRefused = (person: TestPerson, token: string) =>
  refused(person.headers, 'POST', '/v1/invitations/accept', { token });

/** What was changed, newest first. Refusals are told of behind their answers. */
const logOf = async (headers: Record<string, string>) =>
  (await done<{ data: AuditEntry[] }>(headers, 'GET', '/v1/audit-logs')).data.filter(
    ({ action }) => action !== 'access.denied',
  );

describe('an invitation', () => {
  it('makes who has the address a member, with the roles that it names', async () => {
    const { owner, as, tenant } = await team();
    const person = await mintPerson();
    const created = await invite(as(owner), person.email.toUpperCase(), 'developer', 'viewer');
    expect(created).toMatchObject({ status: 'pending', invitedBy: owner.userId, isEmailed: true });
    expect(created.link).toBe(`https://eu.api.eufm.example/invitations#${created.token}`);
    expect(created.token).toMatch(/^eufm_invitation_[0-9A-Za-z]{22}_[\w-]{43}$/);
    const joined = await accept(person, created.token);
    expect(await joined.json()).toEqual({ tenantId: tenant.tenantId, roles: ['developer', 'viewer'] });
    const { data } = await done<{ data: Member[] }>(as(person), 'GET', '/v1/members').catch(() => ({ data: [] }));
    expect(data).toEqual([]); // developers may not list members
    const members = await done<{ data: Member[] }>(as(owner), 'GET', '/v1/members');
    expect(members.data.find(({ userId }) => userId === person.userId)).toMatchObject({
      ...{ email: person.email, status: 'active' },
      roles: [{ name: 'developer' }, { name: 'viewer' }],
    });
    const [invitation] = (await done<{ data: Invitation[] }>(as(owner), 'GET', '/v1/invitations')).data;
    expect(invitation).toMatchObject({ id: created.id, status: 'accepted' });
    expect(JSON.stringify(invitation)).not.toContain(created.token);
  });

  it('is sent by mail, where a mail server takes it', async () => {
    const { owner, as, tenant } = await team();
    await ownerSql()`update tenants set name = ${'Acme\r\nBcc: all@example.test'} where id = ${tenant.tenantId}`;
    const email = `${crypto.randomUUID()}@example.test`;
    const { link } = await invite(as(owner), email, 'viewer');
    const inbox = await (await fetch(`${testEnv.INBOX_URL}?to=${email}`)).json();
    expect(inbox).toMatchObject([
      {
        to: [email],
        from: 'no-reply@eufm.example',
        subject: 'Join Acme Bcc: all@example.test',
        text: expect.stringContaining(link),
      },
    ]);
    expect(await (await fetch(`${testEnv.INBOX_URL}?to=all@example.test`)).json()).toEqual([]);
    expect(await invite(as(owner), 'refused@example.test', 'viewer')).toMatchObject({ isEmailed: false });
  });

  it('is stored as a hash, and is audited without its token', async () => {
    const { owner, as, tenant } = await team();
    const { token, id } = await invite(as(owner), 'a@example.test', 'viewer');
    const [row] =
      await ownerSql()`select invitations::text as stored from invitations where tenant_id = ${tenant.tenantId}`;
    expect(row?.stored).toContain(id);
    expect(row?.stored).not.toContain(token.slice(-43));
    const [entry] = await logOf(as(owner));
    expect(entry).toMatchObject({ action: 'member.invited', actorUserId: owner.userId, targetId: id });
    expect(JSON.stringify(entry)).not.toContain(token.slice(-43));
  });

  it('is for its address only, once, until it is revoked, replaced or seven days old', async () => {
    const { owner, as, tenant } = await team();
    const [person, other, unverified] = [
      await mintPerson(),
      await mintPerson(),
      await mintPerson({ emailVerified: false }),
    ];
    const first = await invite(as(owner), person.email, 'viewer');
    expect(await acceptRefused(other, first.token)).toMatchObject({ status: 403, code: 'permission_denied' });
    const theirs = await invite(as(owner), unverified.email, 'viewer');
    expect(await acceptRefused(unverified, theirs.token)).toMatchObject({ status: 403, code: 'permission_denied' });

    const second = await invite(as(owner), person.email, 'viewer');
    const gone = { status: 404, code: 'not_found' };
    expect(await acceptRefused(person, first.token)).toMatchObject(gone);
    await done(as(owner), 'DELETE', `/v1/invitations/${second.id}`);
    expect(await acceptRefused(person, second.token)).toMatchObject(gone);
    expect(await refused(as(owner), 'DELETE', `/v1/invitations/${second.id}`)).toMatchObject(gone);

    const third = await invite(as(owner), person.email, 'viewer');
    const days = (Date.parse(third.expiresAt) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(7);
    await ownerSql()`update invitations set expires_at = now() where tenant_id = ${tenant.tenantId}`;
    expect(await acceptRefused(person, third.token)).toMatchObject(gone);

    const fourth = await invite(as(owner), person.email, 'viewer');
    for (const wrong of ['', 'x', fourth.token.slice(0, -1), `${fourth.token}A`]) {
      expect(await acceptRefused(person, wrong)).toMatchObject({ status: wrong === '' ? 400 : 404 });
    }
    const listed = async (query: string) =>
      (await done<{ data: Invitation[] }>(as(owner), 'GET', `/v1/invitations${query}`)).data.map(({ id }) => id);
    expect(await listed('?status=pending')).toEqual([fourth.id]);
    expect(await listed('?status=revoked')).toEqual([first.id, second.id, third.id]);
    expect(await listed('?status=expired')).toEqual([theirs.id]);
    expect(await listed('?status=accepted')).toEqual([]);
    expect(await listed('')).toHaveLength(5);
    await ownerSql()`update tenants set status = 'suspended' where id = ${tenant.tenantId}`;
    expect(await acceptRefused(person, fourth.token)).toMatchObject(gone);
    await ownerSql()`update tenants set status = 'active' where id = ${tenant.tenantId}`;
    expect((await accept(person, fourth.token)).status).toBe(200);
    expect(await acceptRefused(person, fourth.token)).toMatchObject(gone);
    expect(
      await refused(as(owner), 'POST', '/v1/invitations', {
        email: person.email,
        roleIds: [await builtInRole('viewer')],
      }),
    ).toMatchObject({ status: 409, code: 'conflict' });
  });

  it('is accepted once, however often at the same time', async () => {
    const { owner, as } = await team();
    const person = await mintPerson();
    const { token } = await invite(as(owner), person.email, 'viewer');
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(person, token)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(404)]);
    expect((await logOf(as(owner))).filter(({ action }) => action === 'invitation.accepted')).toHaveLength(1);
  });

  it('is not for more people than the plan lets in', async () => {
    const { owner, as, tenant } = await team('viewer', 'developer');
    const people = await Promise.all(Array.from({ length: 4 }, () => mintPerson()));
    const tokens: string[] = [];
    for (const { email } of people.slice(0, 2)) tokens.push((await invite(as(owner), email, 'viewer')).token);
    const input = { email: people[2]?.email, roleIds: [await builtInRole('viewer')] };
    const full = { status: 402, code: 'member_limit_reached' };
    expect(await refused(as(owner), 'POST', '/v1/invitations', input)).toMatchObject(full);
    await joinAs(people[3] as TestPerson, tenant.tenantId, 'viewer');
    const statuses = await Promise.all(
      tokens.map(async (token, at) => (await accept(people[at] as TestPerson, token)).status),
    );
    expect(statuses.sort()).toEqual([200, 402]);
    await ownerSql()`update tenants set plan = 'enterprise' where id = ${tenant.tenantId}`;
    expect(await done(as(owner), 'POST', '/v1/invitations', input)).toMatchObject({ status: 'pending' });
  });

  it('gives nothing that who invites does not have, and no role that the plan does not offer', async () => {
    const { owner, admin, as } = await team('admin');
    const input = async (role: string) => ({ email: 'a@example.test', roleIds: [await builtInRole(role)] });
    expect(await refused(as(admin), 'POST', '/v1/invitations', await input('owner'))).toMatchObject({
      code: 'permission_denied',
    });
    expect(await refused(as(owner), 'POST', '/v1/invitations', await input('auditor'))).toMatchObject({
      ...{ status: 400, code: 'bad_request', errors: [{ pointer: '/roleIds' }] },
    });
    const unknown = { email: 'a@example.test', roleIds: [NOBODYS] };
    expect(await refused(as(owner), 'POST', '/v1/invitations', unknown)).toMatchObject({
      errors: [{ pointer: '/roleIds' }],
    });
    expect(await done(as(admin), 'POST', '/v1/invitations', await input('developer'))).toMatchObject({
      status: 'pending',
    });
  });
});

describe('a member', () => {
  const rolesOf = async (...names: string[]) => ({ roleIds: await Promise.all(names.map(builtInRole)) });
  const change = async (headers: Record<string, string>, { userId }: TestPerson, ...names: string[]) =>
    done<Member>(headers, 'PATCH', `/v1/members/${userId}`, await rolesOf(...names));
  const changeRefused = async (headers: Record<string, string>, { userId }: TestPerson, ...names: string[]) =>
    refused(headers, 'PATCH', `/v1/members/${userId}`, await rolesOf(...names));

  it('is given other roles, which hold from the next request on', async () => {
    const { owner, viewer, as } = await team('viewer');
    expect(await refused(as(viewer), 'GET', '/v1/members')).toMatchObject({ code: 'permission_denied' });
    expect((await change(as(owner), viewer, 'admin')).roles).toMatchObject([{ name: 'admin' }]);
    expect((await send(as(viewer), 'GET', '/v1/members')).status).toBe(200);
    const [entry] = await logOf(as(owner));
    expect(entry).toMatchObject({
      ...{ action: 'member.updated', targetType: 'member', targetId: viewer.userId, actorUserId: owner.userId },
      metadata: { before: { roles: ['viewer'] }, after: { roles: ['admin'] } },
    });
    await change(as(owner), viewer, 'admin');
    expect(await logOf(as(owner))).toHaveLength(1);
  });

  it('is removed, and refused from the next request on', async () => {
    const { owner, viewer, as } = await team('viewer');
    await done(as(owner), 'DELETE', `/v1/members/${viewer.userId}`);
    expect(await refused(as(viewer), 'GET', '/v1/metrics/usage')).toMatchObject({ code: 'tenant_mismatch' });
    expect(await refused(as(owner), 'DELETE', `/v1/members/${viewer.userId}`)).toMatchObject({ code: 'not_found' });
    expect(await logOf(as(owner))).toMatchObject([{ action: 'member.removed', targetId: viewer.userId }]);
  });

  it('may leave, but not as the last owner, who is neither removed nor made less', async () => {
    const { owner, admin, as } = await team('admin');
    const last = { status: 409, code: 'last_owner' };
    expect(await refused(as(owner), 'DELETE', `/v1/members/${owner.userId}`)).toMatchObject(last);
    expect(await changeRefused(as(owner), owner, 'admin')).toMatchObject(last);
    await done(as(admin), 'DELETE', `/v1/members/${admin.userId}`);
    const second = await mintPerson();
    const { token } = await invite(as(owner), second.email, 'owner');
    await accept(second, token);
    await ownerSql()`update users set status = 'disabled' where id = ${second.userId}`;
    expect(await changeRefused(as(owner), owner, 'admin')).toMatchObject(last);
    await ownerSql()`update users set status = 'active' where id = ${second.userId}`;
    const both = await Promise.all([owner, second].map((one) => send(as(one), 'DELETE', `/v1/members/${one.userId}`)));
    expect(both.map(({ status }) => status).sort()).toEqual([204, 409]);
  });

  it('may leave whatever their role is, a tenant of their own alone', async () => {
    const { owner, viewer, as, tenant } = await team('viewer');
    const other = await mintTenant();
    const leave = (person: TestPerson, tenantId: string) =>
      send(person.headers, 'DELETE', `/v1/tenants/${tenantId}/membership`);
    expect((await leave(viewer, other.tenantId)).status).toBe(404);
    expect(await (await leave(owner, tenant.tenantId)).json()).toMatchObject({ status: 409, code: 'last_owner' });
    expect((await leave(viewer, tenant.tenantId)).status).toBe(204);
    expect((await leave(viewer, tenant.tenantId)).status).toBe(404);
    expect(await refused(as(viewer), 'GET', '/v1/metrics/usage')).toMatchObject({ code: 'tenant_mismatch' });
    const entry = { action: 'member.removed', actorUserId: viewer.userId, targetId: viewer.userId };
    expect(await logOf(as(owner))).toMatchObject([entry]);
  });

  it('changes nobody who may do more, and gives nothing that they do not have', async () => {
    const { owner, admin, viewer, as } = await team('admin', 'viewer');
    const beyond = { status: 403, code: 'permission_denied' };
    expect(await changeRefused(as(admin), viewer, 'owner')).toMatchObject(beyond);
    expect(await changeRefused(as(admin), admin, 'owner')).toMatchObject(beyond);
    expect(await changeRefused(as(admin), owner, 'viewer')).toMatchObject(beyond);
    expect(await refused(as(admin), 'DELETE', `/v1/members/${owner.userId}`)).toMatchObject(beyond);
    expect((await change(as(admin), viewer, 'developer')).roles).toMatchObject([{ name: 'developer' }]);
    expect(await changeRefused(as(viewer), viewer, 'admin')).toMatchObject(beyond);
  });

  it('is not found in another tenant, nor are its roles', async () => {
    const [mine, theirs] = [await team(), await team('viewer')];
    const absent = await refused(mine.as(mine.owner), 'DELETE', `/v1/members/${NOBODYS}`);
    expect(await refused(mine.as(mine.owner), 'DELETE', `/v1/members/${theirs.viewer.userId}`)).toEqual(absent);
    expect(await changeRefused(mine.as(mine.owner), theirs.viewer, 'admin')).toEqual(absent);
    const { id } = await done<{ id: string }>(theirs.as(theirs.owner), 'POST', '/v1/roles', {
      ...{ name: 'own', description: 'own', permissions: [] },
    });
    const give = (roleId: string) =>
      refused(mine.as(mine.owner), 'PATCH', `/v1/members/${mine.owner.userId}`, { roleIds: [roleId] });
    expect(await give(id)).toEqual(await give(NOBODYS));
  });
});
