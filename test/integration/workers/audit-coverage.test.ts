import { beforeAll, describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../../shared/auth/permissions.ts';
import type { Domain } from '../../../shared/contracts/http/domains.ts';
import { publish, someDomain } from '../../harness/domains.ts';
import { eventually } from '../../harness/eventually.ts';
import { type FilledTenant, fillTenant } from '../../harness/filled-tenant.ts';
import { call } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql } from '../../harness/mint-tenant.ts';
import { builtInRole, joinAs, mintPerson } from '../../harness/people.ts';
import { activeKey, draftPolicy } from '../../harness/prepared-rows.ts';
import { EXAMPLES } from '../../harness/route-examples.ts';
import { describedOperations, type Operation, type Probe, plainProbe } from '../../harness/route-probes.ts';
import { done } from '../../harness/send.ts';

/** Requests to models, and tasks of such: each has its own record, in `requests` or `tasks`. Nothing of the tenant's changes by them. */
const SPENDING =
  /^\/v1\/(orchestrate|chat\/completions|completions|embeddings|responses|messages|messages\/count_tokens|tasks|tasks\/batch)$/;

/** What no plain request can do: it takes a browser that has signed in, or an identity provider. Other tests hold them to it. */
const SIGNING_IN: Readonly<Record<string, string>> = {
  'POST /v1/auth/logout': 'test/integration/workers/sign-in.test.ts',
  'POST /v1/auth/backchannel-logout': 'test/integration/workers/back-channel-logout.test.ts',
};

/** What is asked by POST and changes nothing. */
const READING: Readonly<Record<string, string>> = {
  'POST /v1/routing-policies/{id}/simulate': 'test/integration/workers/routing-policies.test.ts',
  'POST /v1/providers/{id}/test': 'test/integration/workers/provider-accounts.test.ts', // an opening, which is an entry
};

const ELSEWHERE = { ...SIGNING_IN, ...READING };

const nameOf = ({ method, path }: Operation) => `${method} ${path}`;
const OPERATIONS = describedOperations();
const MUTATING = OPERATIONS.filter(({ method, path }) => method !== 'GET' && !SPENDING.test(path)).filter(
  (operation) => ELSEWHERE[nameOf(operation)] === undefined,
);

/** How many entries tell of a request, in any tenant's log. */
async function entriesOf(requestId: string): Promise<number> {
  const [row] = await ownerSql()`
    select count(*)::int as n from audit_logs where metadata ->> 'requestId' = ${requestId}`;
  return row?.n;
}

async function ask(headers: Readonly<Record<string, string>>, { method, path, body }: Probe) {
  const response = await call(method, path, { headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, requestId: response.headers.get('x-request-id') ?? 'none', text };
}

interface Prepared {
  readonly headers: Readonly<Record<string, string>>;
  readonly probe: Probe;
}

const plain = async (operation: Operation, tenant: FilledTenant): Promise<Prepared> => ({
  headers: operation.path.startsWith('/v1/scim/') ? tenant.scim : tenant.owner.in(tenant.tenantId),
  probe: plainProbe(operation, EXAMPLES[operation.operationId], tenant.tenantId),
});

/** What a request needs to change something, where the example alone does not. Without a preparation here a new route has to do with it. */
const PREPARATIONS: Readonly<Record<string, (operation: Operation, tenant: FilledTenant) => Promise<Prepared>>> = {
  async createInvitation(operation, tenant) {
    const prepared = await plain(operation, tenant);
    const body = { email: 'someone@example.test', roleIds: [await builtInRole('viewer')] };
    return { ...prepared, probe: { ...prepared.probe, body } };
  },
  async acceptInvitation(operation, tenant) {
    const invited = await mintPerson();
    const roleIds = [await builtInRole('viewer')];
    const body = { email: invited.email, roleIds };
    const { token } = await done<{ token: string }>(tenant.owner.in(tenant.tenantId), 'POST', '/v1/invitations', body);
    const prepared = await plain(operation, tenant);
    return { headers: invited.headers, probe: { ...prepared.probe, body: { token } } };
  },
  async deleteInvitation(operation, tenant) {
    await ownerSql()`update invitations set accepted_at = null, accepted_by = null, revoked_at = null,
      expires_at = now() + interval '1 day' where tenant_id = ${tenant.tenantId}`;
    return plain(operation, tenant);
  },
  async updateMember(operation, tenant) {
    const prepared = await plain(operation, await withMember(tenant));
    return { ...prepared, probe: { ...prepared.probe, body: { roleIds: [await builtInRole('analyst')] } } };
  },
  removeMember: async (operation, tenant) => plain(operation, await withMember(tenant)),
  async leaveTenant(operation, tenant) {
    const member = await mintPerson();
    await joinAs(member, tenant.tenantId, 'viewer');
    return { ...(await plain(operation, tenant)), headers: member.headers };
  },
  async rotateApiKey(operation, tenant) {
    await activeKey(tenant);
    return plain(operation, tenant);
  },
  async revokeApiKey(operation, tenant) {
    await activeKey(tenant);
    return plain(operation, tenant);
  },
  async updateApiKey(operation, tenant) {
    await activeKey(tenant);
    return plain(operation, tenant);
  },
  async createApiKey(operation, tenant) {
    const prepared = await plain(operation, tenant);
    const body = { name: 'probe', environmentId: tenant.environmentId };
    return { ...prepared, probe: { ...prepared.probe, body } };
  },
  async publishRoutingPolicy(operation, tenant) {
    await draftPolicy(tenant);
    return plain(operation, tenant);
  },
  async rollBackRoutingPolicy(operation, tenant) {
    const prepared = await plain(operation, tenant);
    await draftPolicy(tenant);
    await done(prepared.headers, 'POST', prepared.probe.path.replace('/rollback', '/publish'), {});
    return prepared;
  },
  async verifyDomain(operation, tenant) {
    const prepared = await plain(operation, tenant);
    const claimed = await done<Domain>(prepared.headers, 'POST', '/v1/domains', { name: someDomain() });
    await publish(claimed.record.name, [claimed.record.value]);
    return { ...prepared, probe: { ...prepared.probe, path: `/v1/domains/${claimed.id}/verify` } };
  },
  cancelTask: (operation, tenant) => withTask(operation, tenant),
  async retryTask(operation, tenant) {
    const prepared = await withTask(operation, tenant);
    await done(prepared.headers, 'POST', prepared.probe.path.replace('/retry', '/cancel'));
    return prepared;
  },
  async deleteEnvironment(operation, tenant) {
    const prepared = await plain(operation, tenant);
    const id = crypto.randomUUID();
    await ownerSql()`insert into environments (id, tenant_id, name, type) values (${id}, ${tenant.tenantId}, 'empty', 'dev')`;
    return { ...prepared, probe: { ...prepared.probe, path: `/v1/environments/${id}` } };
  },
  async resumeTenant(operation, tenant) {
    await ownerSql()`update tenants set status = 'suspended' where id = ${tenant.tenantId}`;
    return plain(operation, tenant);
  },
  async restoreTenant(operation, tenant) {
    await ownerSql()`update tenants set status = 'deleting', erase_after = now() + interval '1 day'
      where id = ${tenant.tenantId}`;
    return plain(operation, tenant);
  },
};

/** A task of the tenant that waits for its time, in the place of the id that stands in the path. */
async function withTask(operation: Operation, tenant: FilledTenant): Promise<Prepared> {
  const prepared = await plain(operation, tenant);
  const executeAt = new Date(Date.now() + 3_600_000).toISOString();
  const { id } = await done<{ id: string }>(tenant.headers, 'POST', '/v1/tasks', { input: 'hello', executeAt });
  return { ...prepared, probe: { ...prepared.probe, path: prepared.probe.path.replace(tenant.tenantId, id) } };
}

/** Somebody who is not the owner, under the id that stands in the path. */
async function withMember(tenant: FilledTenant): Promise<FilledTenant> {
  await ownerSql()`delete from user_roles where tenant_id = ${tenant.tenantId} and user_id = ${tenant.tenantId}`;
  await joinAs({ ...tenant.owner, userId: tenant.tenantId }, tenant.tenantId, 'viewer');
  return tenant;
}

describe('U8: every route that changes something', () => {
  it('is looked at', () => {
    expect(MUTATING.length).toBeGreaterThan(30);
    const names = new Set(OPERATIONS.map(nameOf));
    for (const name of Object.keys(ELSEWHERE)) expect(names).toContain(name);
  });

  it.each(MUTATING.map((operation) => ({ operation, name: nameOf(operation) })))(
    'writes exactly one entry: $name',
    async ({ operation }) => {
      const tenant = await fillTenant(PERMISSIONS);
      const { headers, probe } = await (PREPARATIONS[operation.operationId] ?? plain)(operation, tenant);
      const { status, requestId, text } = await ask(headers, probe);
      expect(status, text).toBeLessThan(300);
      // A task's change is told by its runner, seconds later; every other entry is there with its change.
      const count = () => entriesOf(requestId);
      expect(operation.path.startsWith('/v1/tasks/') ? await eventually(count, (n) => n > 0) : await count()).toBe(1);
    },
  );

  it('control: a change without its entry, and one with two, are noticed', async () => {
    const tenant = await fillTenant(PERMISSIONS);
    const operation = MUTATING.find(({ operationId }) => operationId === 'createBudget') as Operation;
    const { headers, probe } = await plain(operation, tenant);
    const { requestId } = await ask(headers, probe);
    const sql = ownerSql();
    await sql`insert into audit_logs (tenant_id, action, target_type, metadata)
      select tenant_id, action, target_type, metadata from audit_logs where metadata ->> 'requestId' = ${requestId}`;
    expect(await entriesOf(requestId)).toBe(2);
    await sql.transaction([
      sql`set local session_replication_role = replica`,
      sql`delete from audit_logs where metadata ->> 'requestId' = ${requestId}`,
    ]);
    expect(await entriesOf(requestId)).toBe(0);
  });
});

/** Routes that ask for a permission, for which a member or key without any is refused. Any member may leave, and would be gone. */
const GUARDED = OPERATIONS.filter(
  ({ path, operationId }) => !path.startsWith('/v1/auth/') && operationId !== 'leaveTenant',
);

describe('U8: every refusal for want of a right', () => {
  let nobody: { headers: Record<string, string>; tenantId: string };
  let keyOnly: { headers: Record<string, string>; tenantId: string };

  beforeAll(async () => {
    const tenant = await mintTenant();
    const person = await mintPerson();
    const sql = ownerSql();
    await sql`with role as (
        insert into roles (tenant_id, name, description) values (${tenant.tenantId}, 'none', '') returning id)
      insert into user_roles (tenant_id, user_id, role_id) select ${tenant.tenantId}, ${person.userId}, id from role`;
    nobody = { headers: person.in(tenant.tenantId), tenantId: tenant.tenantId };
    const other = await mintTenant({ scopes: [] });
    keyOnly = { headers: other.headers, tenantId: other.tenantId };
  });

  it.each(['a member', 'a key'] as const)(
    'is told of exactly once: of %s without any permission, on every route',
    async (who) => {
      const { headers, tenantId } = who === 'a key' ? keyOnly : nobody;
      const refusals: { requestId: string; route: string }[] = [];
      for (const operation of GUARDED) {
        const answer = await ask(headers, plainProbe(operation, EXAMPLES[operation.operationId], tenantId));
        if (answer.status === 403) refusals.push({ requestId: answer.requestId, route: nameOf(operation) });
      }
      expect(refusals.length).toBeGreaterThan(who === 'a key' ? 60 : 50);
      const told = async () =>
        ownerSql()`select metadata ->> 'requestId' as "requestId", target_id as route from audit_logs
          where tenant_id = ${tenantId} and action = 'access.denied' and metadata ->> 'count' = '1'
          order by metadata ->> 'requestId'`;
      const rows = await eventually(told, ({ length }) => length >= refusals.length, 60_000);
      expect(rows).toEqual(refusals.toSorted((one, other) => (one.requestId < other.requestId ? -1 : 1)));
    },
    120_000,
  );

  const READ: Probe = { method: 'GET', path: '/v1/requests', headers: {} };
  const MODEL = { provider: 'openai', model: 'gpt-4o-mini' };
  const SPEND: Probe = {
    method: 'POST',
    path: '/v1/orchestrate',
    headers: {},
    body: { input: 'hello', providerPreferences: [MODEL] },
  };

  interface Denied {
    readonly headers: Record<string, string>;
    readonly tenantId: string;
    readonly reason: string;
    readonly probe?: Probe;
  }
  const DENIALS: Record<string, () => Promise<Denied>> = {
    'a key in the name of another tenant': async () => {
      const [own, other] = [await mintTenant(), await mintTenant()];
      const headers = { ...own.headers, 'x-tenant-id': other.tenantId };
      return { headers, tenantId: own.tenantId, reason: 'tenant_mismatch' };
    },
    'a key in another environment': async () => {
      const own = await mintTenant();
      const headers = { ...own.headers, 'x-env-id': crypto.randomUUID() };
      return { headers, tenantId: own.tenantId, reason: 'environment_mismatch' };
    },
    'a key from another address': async () => {
      const own = await mintTenant();
      await ownerSql()`update api_keys set ip_allow_list = '{192.0.2.0/24}' where tenant_id = ${own.tenantId}`;
      return { headers: own.headers, tenantId: own.tenantId, reason: 'address_not_allowed' };
    },
    'a tenant that is suspended': async () => {
      const own = await mintTenant();
      await ownerSql()`update tenants set status = 'suspended' where id = ${own.tenantId}`;
      return { headers: own.headers, tenantId: own.tenantId, reason: 'tenant_suspended' };
    },
    'a key that asks for another model': async () => {
      const own = await mintTenant();
      await ownerSql()`update api_keys set models = '{openai/gpt-4o}' where tenant_id = ${own.tenantId}`;
      return { headers: own.headers, tenantId: own.tenantId, reason: 'model_not_allowed', probe: SPEND };
    },
    'a model outside the residency policy': async () => {
      const own = await mintTenant();
      await ownerSql()`insert into data_residency_policies (tenant_id, region, enforced) values (${own.tenantId}, 'us', true)`;
      return { headers: own.headers, tenantId: own.tenantId, reason: 'residency_refused', probe: SPEND };
    },
  };

  it.each(Object.entries(DENIALS))('is told of exactly once: %s', async (_, prepare) => {
    const { headers, tenantId, reason, probe = READ } = await prepare();
    const { status, requestId } = await ask(headers, probe);
    expect(status).toBe(403);
    const told = async () =>
      ownerSql()`select tenant_id as "tenantId", target_id as route, metadata ->> 'reason' as reason,
        (metadata ->> 'count')::int as count from audit_logs where metadata ->> 'requestId' = ${requestId}`;
    const rows = await eventually(told, ({ length }) => length > 0);
    expect(rows).toEqual([{ tenantId, route: `${probe.method} ${probe.path}`, reason, count: 1 }]);
  });

  it('is one entry for many of the same, with their number', async () => {
    const own = await mintTenant({ scopes: [] });
    for (let times = 0; times < 5; times++) await ask(own.headers, { method: 'GET', path: '/v1/budgets', headers: {} });
    const told = async () =>
      ownerSql()`select (metadata ->> 'count')::int as count from audit_logs where tenant_id = ${own.tenantId}`;
    const rows = await eventually(told, (found) => found.reduce((sum, { count }) => sum + count, 0) >= 5);
    expect(rows).toEqual([{ count: 5 }]);
  });

  it('writes nothing into the log of a tenant that who asks does not belong to, nor for a key that is none', async () => {
    const [tenant, stranger] = [await mintTenant(), await mintPerson()];
    const probe = { method: 'GET', path: '/v1/requests', headers: {} };
    expect((await ask(stranger.in(tenant.tenantId), probe)).status).toBe(403);
    const wrong = {
      ...tenant.headers,
      'x-api-key': `${tenant.apiKey.slice(0, -1)}${tenant.apiKey.endsWith('a') ? 'b' : 'a'}`,
    };
    expect((await ask(wrong, probe)).status).toBe(401);
    // Behind them a refusal that is told of: by then theirs would have been.
    const { requestId } = await ask({ ...tenant.headers, 'x-env-id': crypto.randomUUID() }, probe);
    await eventually(
      () => entriesOf(requestId),
      (count) => count > 0,
    );
    const [row] = await ownerSql()`select count(*)::int as n from audit_logs where tenant_id = ${tenant.tenantId}`;
    expect(row?.n).toBe(1);
  });
});
