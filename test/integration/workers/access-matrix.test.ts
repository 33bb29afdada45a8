import { beforeAll, describe, expect, it } from 'vitest';
import page from '../../../docs/access.md?raw';
import { PERMISSIONS, ROLES } from '../../../shared/auth/permissions.ts';
import { call } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { EXAMPLES } from '../../harness/route-examples.ts';
import { describedOperations, type Operation, plainProbe } from '../../harness/route-probes.ts';

type RoleName = keyof typeof ROLES;

const ROLE_NAMES = Object.keys(ROLES) as RoleName[];
const NOBODYS = '00000000-0000-4000-8000-0000000000ff';

/** A row of docs/access.md: what a route asks for, and which roles may call it. */
interface Row {
  readonly operation: Operation;
  readonly permission: string;
  readonly cells: readonly string[];
  readonly name: string;
}

const operations = describedOperations();

/** The page's table of routes, whose rows another test holds to what the routes declare. */
const ROWS: Row[] = page.split('\n').flatMap((line) => {
  const [, name = '', permission = '', rest = ''] = /^\| `(\w+ \/v1\/\S*)` \| `([a-z:]+)` \| (.*) \|$/.exec(line) ?? [];
  const operation = operations.find(({ method, path }) => name === `${method} ${path}`);
  return operation ? [{ operation, permission, cells: rest.split(' | '), name }] : [];
});

/** Those whose path names the tenant: they change it, so each is called in one of its own. */
const isOfTenant = ({ path }: Operation) => path.startsWith('/v1/tenants/{id}');

const memberOf = async (tenant: TestTenant, role: RoleName) => {
  const person = await mintPerson();
  await joinAs(person, tenant.tenantId, role);
  return person.in(tenant.tenantId);
};

/** The permission that a call was refused for want of, or null. */
async function lacking(headers: Record<string, string>, operation: Operation, own: string): Promise<string | null> {
  const { method, path, body } = plainProbe(operation, EXAMPLES[operation.operationId], own);
  const response = await call(method, path, { headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const missing = /This needs the permission ([a-z:]+)/.exec(await response.text())?.[1] ?? null;
  expect(response.status === 401 || response.status >= 500, `${method} ${path}: ${response.status}`).toBe(false);
  if (missing !== null) expect(response.status).toBe(403);
  return missing;
}

const team = {} as Record<RoleName, Record<string, string>>;
const only = new Map<string, Record<string, string>>();
const without = new Map<string, Record<string, string>>();

beforeAll(async () => {
  const tenant = await mintTenant();
  await ownerSql()`update tenants set plan = 'enterprise' where id = ${tenant.tenantId}`;
  for (const role of ROLE_NAMES) team[role] = await memberOf(tenant, role);
  for (const permission of PERMISSIONS) {
    only.set(permission, (await mintTenant({ scopes: [permission] })).headers);
    const others = PERMISSIONS.filter((other) => other !== permission);
    without.set(permission, (await mintTenant({ scopes: others })).headers);
  }
});

describe('A6: every cell of roles and routes', () => {
  it('has a row for every route that asks for a permission', () => {
    expect(ROWS.length).toBeGreaterThan(40);
    for (const { cells } of ROWS) expect(cells).toHaveLength(ROLE_NAMES.length);
  });

  it.each(ROWS)('$name: each role is let in or refused as the page says, and as the policy says', async (row) => {
    const { operation, permission, cells } = row;
    const observed: string[] = [];
    for (const role of ROLE_NAMES) {
      const own = isOfTenant(operation) ? await mintTenant() : null;
      const headers = own ? await memberOf(own, role) : team[role];
      const missing = await lacking(headers, operation, own?.tenantId ?? NOBODYS);
      expect([null, permission]).toContain(missing);
      observed.push(missing === null ? 'yes' : '–');
    }
    expect(observed).toEqual(cells);
    const policy = ROLE_NAMES.map((role) => ROLES[role].permissions.some((granted) => granted === permission));
    expect(observed.map((cell) => cell === 'yes')).toEqual(policy);
  });

  it.each(ROWS.filter(({ operation }) => !isOfTenant(operation)))(
    '$name: a key needs this permission, and no other',
    async ({ operation, permission }) => {
      expect(await lacking(only.get(permission) ?? {}, operation, NOBODYS)).toBeNull();
      expect(await lacking(without.get(permission) ?? {}, operation, NOBODYS)).toBe(permission);
    },
  );

  it('control: a role that gains a permission lets in where the page refuses', async () => {
    const tenant = await mintTenant();
    const headers = await memberOf(tenant, 'viewer');
    const operation = ROWS.find(({ name }) => name === 'GET /v1/audit-logs')?.operation as Operation;
    expect(await lacking(headers, operation, NOBODYS)).toBe('audit:read');
    await ownerSql()`with role as (
        insert into roles (tenant_id, name, description) values (${tenant.tenantId}, 'more', 'more') returning id),
      granted as (insert into role_permissions (tenant_id, role_id, permission_id)
        select ${tenant.tenantId}, role.id, permissions.id from role, permissions where permissions.name = 'audit:read')
      insert into user_roles (tenant_id, user_id, role_id)
        select ${tenant.tenantId}, user_id, role.id from role, user_roles where user_roles.tenant_id = ${tenant.tenantId}`;
    expect(await lacking(headers, operation, NOBODYS)).toBeNull();
  });
});
