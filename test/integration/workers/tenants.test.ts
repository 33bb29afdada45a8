import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../shared/contracts/http/audit-logs.ts';
import type { CreatedTenant, OwnTenant, Tenant } from '../../../shared/contracts/http/tenants.ts';
import { MOST_OWNED_TENANTS } from '../../../shared/services/create-tenant.ts';
import { fillTenant } from '../../harness/filled-tenant.ts';
import { orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson, type TestPerson } from '../../harness/people.ts';
import { done, refused, send } from '../../harness/send.ts';

const NOBODYS = '00000000-0000-4000-8000-0000000000ff';
const REFUSED = { status: 403, code: 'tenant_suspended' };

const create = (person: TestPerson, name = 'Acme') =>
  done<CreatedTenant>(person.headers, 'POST', '/v1/tenants', { name });

/** What was done to a tenant, newest first. Openings of its credentials are told of when the ledger has them. */
const actionsOf = async (person: TestPerson, tenantId: string) => {
  const { data } = await done<{ data: AuditEntry[] }>(person.in(tenantId), 'GET', '/v1/audit-logs');
  return data.map(({ action }) => action).filter((action) => !action.endsWith('.opened'));
};

/** A tenant with a key and a provider account, and its owner. */
async function owned() {
  const [tenant, owner] = [await mintTenant(), await mintPerson()];
  await joinAs(owner, tenant.tenantId, 'owner');
  return { tenant, owner, path: `/v1/tenants/${tenant.tenantId}` };
}

const isServed = async (headers: Record<string, string>) =>
  (await orchestrate(headers, { input: 'hello' })).status === 200;

describe('a person without a tenant', () => {
  it('creates one, owns it, and works in it at once', async () => {
    const person = await mintPerson();
    expect(await done(person.headers, 'GET', '/v1/tenants')).toEqual({ data: [], nextCursor: null });
    const created = await create(person, 'Müller & Söhne');
    expect(created).toMatchObject({ name: 'Müller & Söhne', region: 'eu', plan: 'starter', status: 'active' });
    expect(created.slug).toMatch(/^muller-sohne-[0-9a-z]{6}$/);
    expect(created.environments).toMatchObject([{ type: 'dev' }]);
    const { environments: _, ...tenant } = created;
    const listed = await done<{ data: OwnTenant[] }>(person.headers, 'GET', '/v1/tenants');
    expect(listed.data).toEqual([{ ...tenant, roles: ['owner'] }]);
    expect(await done(person.headers, 'GET', `/v1/tenants/${tenant.id}`)).toEqual(tenant);
    expect(await actionsOf(person, tenant.id)).toEqual(['tenant.created']);
    expect(await done(person.in(tenant.id), 'GET', '/v1/permissions/check?permission=billing:write')).toEqual({
      'billing:write': true,
    });
  });

  it('is sent to the deployment of another region', async () => {
    const person = await mintPerson();
    const problem = await refused(person.headers, 'POST', '/v1/tenants', { name: 'Acme', region: 'us' });
    expect(problem).toMatchObject({ status: 421, code: 'wrong_region' });
    expect(problem.detail).toContain('https://us.api.eufm.example');
  });

  it('is refused without a credential, with an API key, and with a body that is not as described', async () => {
    const person = await mintPerson();
    const json = { 'content-type': 'application/json' };
    expect(await refused(json, 'POST', '/v1/tenants', { name: 'Acme' })).toMatchObject({ status: 401 });
    const { headers } = await mintTenant({ scopes: ['tenants:write'] });
    expect(await refused(headers, 'GET', '/v1/tenants')).toMatchObject({ status: 403 });
    for (const body of [
      {},
      { name: ' ' },
      { name: 'a\0' },
      { name: 'a', region: 'mars' },
      { name: 'a', plan: 'enterprise' },
    ]) {
      expect(await refused(person.headers, 'POST', '/v1/tenants', body)).toMatchObject({ code: 'bad_request' });
    }
  });

  it('owns so many and no more, also when they ask for several at once', async () => {
    const person = await mintPerson();
    const own = (count: number) => ownerSql()`
      with made as (insert into tenants (name, slug, region)
        select 'T', gen_random_uuid(), 'eu' from generate_series(1, ${count}::int) returning id)
      insert into user_roles (tenant_id, user_id, role_id)
      select made.id, ${person.userId}, roles.id from made, roles where roles.name = 'owner' and roles.tenant_id is null`;
    await own(MOST_OWNED_TENANTS - 2);
    const statuses = await Promise.all(
      [1, 2, 3, 4].map(async () => (await send(person.headers, 'POST', '/v1/tenants', { name: 'Acme' })).status),
    );
    expect(statuses.toSorted()).toEqual([201, 201, 403, 403]);
    const problem = await refused(person.headers, 'POST', '/v1/tenants', { name: 'Acme' });
    expect(problem).toMatchObject({ status: 403, code: 'tenant_limit_reached' });
    expect(problem.detail).toContain(`${MOST_OWNED_TENANTS} tenants`);
    const [counted] = await ownerSql()`select count(*)::int as n from user_roles where user_id = ${person.userId}`;
    expect(counted?.n).toBe(MOST_OWNED_TENANTS);
    await ownerSql()`update user_roles set role_id = (select id from roles where name = 'admin' and tenant_id is null)
      where ctid = (select ctid from user_roles where user_id = ${person.userId} limit 1)`;
    await create(person); // control: they own one less, and those of others do not count
  });

  it('gets two tenants of one name two slugs, and pages of their own only', async () => {
    const [person, other] = [await mintPerson(), await mintPerson()];
    await create(other);
    const [first, second] = [await create(person), await create(person)];
    expect(first.slug).not.toBe(second.slug);
    const page = await done<{ data: OwnTenant[]; nextCursor: string }>(person.headers, 'GET', '/v1/tenants?limit=1');
    const next = `/v1/tenants?limit=1&cursor=${page.nextCursor}`;
    const rest = await done<{ data: OwnTenant[]; nextCursor: null }>(person.headers, 'GET', next);
    expect([...page.data, ...rest.data].map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(rest.nextCursor).toBeNull();
  });
});

describe('a tenant', () => {
  it('changes its name and time zone, with an audit row and a new configuration', async () => {
    const { owner, path, tenant } = await owned();
    const changed = await done<Tenant>(owner.headers, 'PATCH', path, { name: 'New', timeZone: 'Europe/Berlin' });
    expect(changed).toMatchObject({ name: 'New', timeZone: 'Europe/Berlin' });
    expect(await actionsOf(owner, tenant.tenantId)).toEqual(['tenant.updated']);
    const [row] = await ownerSql()`
      select config_version, published_config_version from tenants where id = ${tenant.tenantId}`;
    expect(row).toEqual({ config_version: 2, published_config_version: 2 });
    for (const body of [{}, { timeZone: 'Mars/Olympus' }, { slug: 'mine' }, { plan: 'enterprise' }]) {
      expect(await refused(owner.headers, 'PATCH', path, body)).toMatchObject({ code: 'bad_request' });
    }
  });

  it('is refused everywhere once it is suspended, until it is resumed', async () => {
    const { tenant, owner, path } = await owned();
    expect(await isServed(tenant.headers)).toBe(true);
    expect(await done(owner.headers, 'POST', `${path}/suspend`)).toMatchObject({ status: 'suspended' });
    expect(await refused(tenant.headers, 'POST', '/v1/orchestrate', { input: 'hello' })).toMatchObject(REFUSED);
    expect(await refused(owner.in(tenant.tenantId), 'GET', '/v1/members')).toMatchObject(REFUSED);
    expect(await refused(owner.headers, 'POST', `${path}/suspend`)).toMatchObject({ status: 409, code: 'conflict' });
    expect(await done(owner.headers, 'POST', `${path}/resume`)).toMatchObject({ status: 'active' });
    expect(await isServed(tenant.headers)).toBe(true);
    expect(await actionsOf(owner, tenant.tenantId)).toEqual(['tenant.resumed', 'tenant.suspended']);
  });

  it('is refused everywhere once it is deleted, and can be restored', async () => {
    const { tenant, owner, path } = await owned();
    expect(await isServed(tenant.headers)).toBe(true);
    const deleted = await done<Tenant>(owner.headers, 'DELETE', path);
    expect(deleted.status).toBe('deleting');
    const days = (Date.parse(deleted.eraseAfter ?? '') - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
    expect(await refused(tenant.headers, 'POST', '/v1/orchestrate', { input: 'hello' })).toMatchObject(REFUSED);
    for (const [method, at] of [
      ['PATCH', ''],
      ['POST', '/suspend'],
      ['POST', '/resume'],
      ['DELETE', ''],
    ] as const) {
      const problem = await refused(owner.headers, method, path + at, method === 'PATCH' ? { name: 'New' } : undefined);
      expect(problem).toMatchObject({ status: 409, code: 'conflict' });
    }
    expect(await done(owner.headers, 'POST', `${path}/restore`)).toMatchObject({ status: 'active', eraseAfter: null });
    expect(await isServed(tenant.headers)).toBe(true);
    expect(await actionsOf(owner, tenant.tenantId)).toEqual(['tenant.restored', 'tenant.deleted']);
  });

  it('is changed by who may, and is not there for who is no member', async () => {
    const { tenant, path } = await owned();
    const [viewer, stranger, disabled] = [await mintPerson(), await mintPerson(), await mintPerson()];
    await joinAs(viewer, tenant.tenantId, 'viewer');
    await joinAs(disabled, tenant.tenantId, 'owner');
    await ownerSql()`update users set status = 'disabled' where id = ${disabled.userId}`;
    const routes = [
      ...[
        ['GET', ''],
        ['PATCH', ''],
        ['DELETE', ''],
        ['POST', '/suspend'],
        ['POST', '/resume'],
        ['POST', '/restore'],
      ],
      ...[['GET', '/export']],
    ];
    for (const [method = '', at = ''] of routes) {
      const body = method === 'PATCH' ? { name: 'Mine' } : undefined;
      expect(await refused(viewer.headers, method, path + at, body)).toMatchObject({ code: 'permission_denied' });
      const absent = await refused(stranger.headers, method, `/v1/tenants/${NOBODYS}${at}`, body);
      expect(absent).toMatchObject({ status: 404, code: 'not_found' });
      expect(await refused(stranger.headers, method, path + at, body)).toEqual(absent);
      expect(await refused(disabled.headers, method, path + at, body)).toMatchObject({ status: 401 });
    }
  });
});

describe('an export', () => {
  interface Line {
    readonly kind: string;
    readonly [field: string]: unknown;
  }
  const linesOf = async (person: TestPerson, tenantId: string): Promise<Line[]> => {
    const response = await send(person.headers, 'GET', `/v1/tenants/${tenantId}/export`);
    expect(response.headers.get('content-type')).toBe('application/jsonl');
    return new TextDecoder()
      .decode(await response.arrayBuffer())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };

  it('has what is the tenant’s, line by line, and nobody else’s', async () => {
    const { tenant, owner, path } = await owned();
    const foreign = await owned();
    await done(owner.headers, 'PATCH', path, { name: 'Exported' });
    const policyId = crypto.randomUUID();
    await ownerSql()`
      insert into usage_aggregates (tenant_id, environment_id, provider, model, routing_policy_id, unit, period_start, period_end,
        value, cost_usd)
      select ${tenant.tenantId}, ${tenant.environmentId}, 'openai', 'gpt-4o-mini', policy, 'cost_usd', day + hour * interval '1 hour',
        day + (hour + 1) * interval '1 hour', 0.000000000001, 0.000000000001
      from (values (timestamptz '2026-01-01Z', null), ('2026-01-02Z', null), ('2026-01-02Z', ${policyId}::uuid))
        as days (day, policy), generate_series(0, 23) as hour`;
    const lines = await linesOf(owner, tenant.tenantId);
    const byKind = Map.groupBy(lines, ({ kind }) => kind);
    expect([...byKind].map(([kind, { length }]) => `${length} ${kind}`)).toEqual([
      '1 tenant',
      '1 environment',
      '1 member',
      '1 api_key',
      '1 provider_account',
      '1 audit',
      '3 usage_day',
      '1 end',
    ]);
    expect(byKind.get('tenant')).toMatchObject([{ name: 'Exported' }]);
    expect(byKind.get('usage_day')).toMatchObject([
      { day: '2026-01-01', value: '0.000000000024' },
      { day: '2026-01-02', value: '0.000000000024', routingPolicyId: null },
      { day: '2026-01-02', value: '0.000000000024', routingPolicyId: policyId },
    ]);
    expect(lines.at(-1)).toEqual({ kind: 'end', lines: lines.length - 1 });
    expect(JSON.stringify(lines)).not.toContain(foreign.tenant.tenantId);
  });

  it('has a line of every kind of thing that a tenant configures', async () => {
    const { owner, tenantId } = await fillTenant([]);
    const kinds = new Set((await linesOf(owner, tenantId)).map(({ kind }) => kind));
    expect([...kinds]).toEqual([
      ...['tenant', 'environment', 'member', 'role', 'invitation', 'api_key', 'provider_account', 'secret', 'domain'],
      ...['identity_provider', 'scim_token', 'scim_user', 'scim_group', 'routing_policy', 'residency_policy'],
      ...['rate_limit', 'budget', 'budget_threshold_event', 'audit_log_destination', 'webhook_signing_secret'],
      ...['dead_letter', 'audit', 'usage_day', 'end'],
    ]);
  });

  it('is for who may read all that it has, each in its own place', async () => {
    const { tenant, owner, path } = await owned();
    const role = { name: 'keeper', description: 'Keeps environments', permissions: ['tenants:write'] };
    const { id } = await done<{ id: string }>(owner.in(tenant.tenantId), 'POST', '/v1/roles', role);
    const keeper = await mintPerson();
    await joinAs(keeper, tenant.tenantId, 'viewer');
    await done(owner.in(tenant.tenantId), 'PATCH', `/v1/members/${keeper.userId}`, { roleIds: [id] });
    expect((await send(keeper.headers, 'GET', path)).status).toBe(200); // control: they may change the tenant
    const problem = await refused(keeper.headers, 'GET', `${path}/export`);
    expect(problem).toMatchObject({ status: 403, code: 'permission_denied' });
    expect(problem).toMatchObject({ detail: expect.stringContaining('audit:read, keys:read, members:write') });
  });

  it('has no secret and no hash of one; the check would find one', async () => {
    const { tenant, owner } = await owned();
    const body = {
      email: 'new@example.test',
      roleIds: [(await ownerSql()`select id from roles where name = 'viewer'`)[0]?.id],
    };
    const { token } = await done<{ token: string }>(owner.in(tenant.tenantId), 'POST', '/v1/invitations', body);
    const [stored] = await ownerSql()`
      select key_hash, encrypted_credentials, token_hash from api_keys
      join provider_accounts using (tenant_id) join invitations using (tenant_id) where tenant_id = ${tenant.tenantId}`;
    const secrets = [tenant.apiKey, token, ...Object.values(stored ?? {})].map(String);
    expect(secrets).toHaveLength(5);
    const found = (text: string) => secrets.filter((secret) => text.includes(secret));
    const text = JSON.stringify(await linesOf(owner, tenant.tenantId));
    expect(found(text)).toEqual([]);
    expect(found(text + secrets[2])).toEqual([secrets[2]]);
  });

  it('comes in pages of the database’s, in whole', async () => {
    const { tenant, owner } = await owned();
    await ownerSql()`insert into audit_logs (tenant_id, action, target_type)
      select ${tenant.tenantId}, 'a.b', 'a' from generate_series(1, 1200)`;
    const lines = await linesOf(owner, tenant.tenantId);
    expect(new Set(lines.filter(({ kind }) => kind === 'audit').map(({ id }) => id)).size).toBe(1200);
  });
});
