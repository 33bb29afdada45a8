import { describe, expect, it } from 'vitest';
import type { ScimGroup } from '../../../shared/contracts/http/scim/groups.ts';
import type { ScimUser } from '../../../shared/contracts/http/scim/users.ts';
import { GROUPS, patchOf, provisionedTenant, scimRefusal, USERS } from '../../harness/scim-client.ts';
import { done, send } from '../../harness/send.ts';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const filtered = (path: string, filter: string, more = '') => `${path}?filter=${encodeURIComponent(filter)}${more}`;

/** Requests as in https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20 */
describe('Okta', () => {
  it('makes a person, changes them, ends them by active, and pushes a group', async () => {
    const { scim } = await provisionedTenant();
    const email = 'test.user@okta.local';
    const look = filtered(USERS, `userName eq "${email}"`, '&startIndex=1&count=100');
    expect(await done(scim, 'GET', look)).toMatchObject({ totalResults: 0, startIndex: 1, Resources: [] });
    const profile = {
      schemas: [`${CORE}:User`],
      userName: email,
      name: { givenName: 'Test', familyName: 'User' },
      emails: [{ primary: true, value: email, type: 'work' }],
      displayName: 'Test User',
      locale: 'en-US',
      externalId: '00ujl29u0le5T6Aj10h7',
      groups: [],
      password: '1mz050nq',
      active: true,
    };
    const made = await send(scim, 'POST', USERS, profile);
    expect(made.status).toBe(201);
    const { id } = await made.json<ScimUser>();
    expect(await scimRefusal(scim, 'POST', USERS, profile)).toEqual([409, 'uniqueness']);
    expect(await done(scim, 'GET', look)).toMatchObject({ totalResults: 1, Resources: [{ id }] });
    const whole = await done<ScimUser>(scim, 'GET', `${USERS}/${id}`);
    const name = { givenName: 'Another', familyName: 'User', middleName: '' };
    const put = await done(scim, 'PUT', `${USERS}/${id}`, { ...whole, name });
    expect(put).toMatchObject({ id, name: { givenName: 'Another' }, active: true });

    const push = { schemas: [`${CORE}:Group`], displayName: 'Test SCIMv2', members: [] };
    const group = await done<ScimGroup>(scim, 'POST', GROUPS, push);
    const rename = patchOf({ op: 'replace', value: { id: group.id, displayName: 'Test SCIMv2 renamed' } });
    expect(await done(scim, 'PATCH', `${GROUPS}/${group.id}`, rename)).toMatchObject({
      displayName: 'Test SCIMv2 renamed',
    });
    const members = patchOf(
      { op: 'remove', path: `members[value eq "${id}"]` },
      { op: 'add', path: 'members', value: [{ value: id, display: email }] },
    );
    expect(await done(scim, 'PATCH', `${GROUPS}/${group.id}`, members)).toMatchObject({ members: [{ value: id }] });

    const off = await done(scim, 'PATCH', `${USERS}/${id}`, patchOf({ op: 'replace', value: { active: false } }));
    expect(off).toMatchObject({ id, active: false });
    expect(await done(scim, 'GET', `${USERS}/${id}`)).toMatchObject({ active: false });
    expect((await send(scim, 'DELETE', `${GROUPS}/${group.id}`)).status).toBe(204);
  });
});

/** Requests as in https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups */
describe('Microsoft Entra ID', () => {
  it('tests the connection, makes a person, changes and ends them, and a group with its members', async () => {
    const { scim } = await provisionedTenant();
    const nobody = filtered(USERS, `userName eq "${crypto.randomUUID()}"`);
    expect(await done(scim, 'GET', nobody)).toMatchObject({ totalResults: 0, Resources: [] });
    const person = {
      schemas: [`${CORE}:User`, ENTERPRISE],
      externalId: '0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef',
      userName: 'Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1',
      active: true,
      emails: [{ primary: true, type: 'work', value: 'Test_User_fd0ea19b-0777-472c-9f96-4f70d2226f2e@testuser.com' }],
      meta: { resourceType: 'User' },
      name: { formatted: 'givenName familyName', familyName: 'familyName', givenName: 'givenName' },
      roles: [],
    };
    const { id } = await done<ScimUser>(scim, 'POST', USERS, person);
    const path = `${USERS}/${id}`;
    const byMail = filtered(USERS, `emails[type eq "work"].value eq "${person.emails[0]?.value}"`);
    expect(await done(scim, 'GET', byMail)).toMatchObject({ totalResults: 1, Resources: [{ id }] });

    const many = patchOf(
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'updatedEmail@microsoft.com' },
      { op: 'Replace', path: 'name.familyName', value: 'updatedFamilyName' },
      { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Engines' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '55555555555' },
      { op: 'Add', path: 'addresses[type eq "work"].streetAddress', value: '1 Way' },
      { op: 'Add', path: `${ENTERPRISE}:manager`, value: '123456' },
    );
    expect(await done(scim, 'PATCH', path, many)).toMatchObject({
      name: { familyName: 'updatedFamilyName', givenName: 'givenName' },
      emails: [{ type: 'work', value: 'updatedEmail@microsoft.com' }],
      [ENTERPRISE]: { department: 'Engines' },
    });
    const rename = patchOf({
      op: 'Replace',
      path: 'userName',
      value: '5b50642d-79fc-4410-9e90-4c077cdd1a59@testuser.com',
    });
    expect(await done(scim, 'PATCH', path, rename)).toMatchObject({
      userName: '5b50642d-79fc-4410-9e90-4c077cdd1a59@testuser.com',
    });
    const off = patchOf({ op: 'Replace', path: 'active', value: 'False' });
    expect(await done(scim, 'PATCH', path, off)).toMatchObject({ active: false });
    const on = patchOf({ op: 'Replace', value: { active: 'True', [`${ENTERPRISE}:department`]: 'Looms' } });
    expect(await done(scim, 'PATCH', path, on)).toMatchObject({ active: true, [ENTERPRISE]: { department: 'Looms' } });

    const group = await done<ScimGroup>(scim, 'POST', GROUPS, {
      schemas: [`${CORE}:Group`, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159',
      displayName: 'displayName',
      meta: { resourceType: 'Group' },
    });
    const at = `${GROUPS}/${group.id}`;
    const found = await done(
      scim,
      'GET',
      filtered(GROUPS, 'displayName eq "displayName"', '&excludedAttributes=members'),
    );
    expect(found).toMatchObject({ totalResults: 1, Resources: [{ id: group.id }] });
    const change = (op: string) => patchOf({ op, path: 'members', value: [{ $ref: null, value: id }] });
    await done(
      scim,
      'PATCH',
      at,
      patchOf({ op: 'Replace', path: 'displayName', value: '1879db59-3bdf-4490-ad68-ab880a269474updatedDisplayName' }),
    );
    expect(await done(scim, 'PATCH', at, change('Add'))).toMatchObject({ members: [{ value: id }] });
    expect(await done(scim, 'PATCH', at, change('Remove'))).toMatchObject({ members: [] });
    expect((await send(scim, 'DELETE', at)).status).toBe(204);
    expect((await send(scim, 'DELETE', path)).status).toBe(204);
  });
});
