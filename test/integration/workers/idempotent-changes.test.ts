import { describe, expect, it } from 'vitest';
import type { Problem } from '../../../shared/contracts/http/problem.ts';
import { crash } from '../../harness/dying-isolate.ts';
import { eventually } from '../../harness/eventually.ts';
import { changeKeys, keysOf, LAPSE } from '../../harness/keyed-tenant.ts';
import { mintTenant, ownerSql, type TestTenant } from '../../harness/mint-tenant.ts';
import { mintPerson } from '../../harness/people.ts';
import { provisionedTenant, USERS } from '../../harness/scim-client.ts';
import { send } from '../../harness/send.ts';

const SCOPES = ['policies:write', 'keys:write', 'keys:read', 'orchestrate:invoke'];
const BUDGET = { name: 'b', amountUsd: '1', period: 'day' };

const withKey = ({ headers }: Pick<TestTenant, 'headers'>, key: string) => ({ ...headers, 'idempotency-key': key });
const mint = () => mintTenant({ scopes: SCOPES });
const budgetsOf = ({ tenantId }: TestTenant) => ownerSql()`select id from budgets where tenant_id = ${tenantId}`;
const auditsOf = ({ tenantId }: TestTenant) =>
  ownerSql()`select metadata ->> 'requestId' as request_id from audit_logs where tenant_id = ${tenantId}`;
const effectsOf = ({ tenantId }: TestTenant) =>
  ownerSql()`select request_id from idempotent_effects where tenant_id = ${tenantId}`;

describe('a change with an Idempotency-Key', () => {
  it('is made once, and its answer is replayed', async () => {
    const tenant = await mint();
    const headers = withKey(tenant, 'k');
    const [first, second] = [
      await send(headers, 'POST', '/v1/budgets', BUDGET),
      await send(headers, 'POST', '/v1/budgets', BUDGET),
    ];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await second.text()).toBe(await first.text());
    expect(await budgetsOf(tenant)).toHaveLength(1);
    expect(await auditsOf(tenant)).toHaveLength(1);
    expect((await effectsOf(tenant)).map(({ request_id }) => request_id)).toEqual([first.headers.get('x-request-id')]);
    const control = await send(withKey(tenant, 'other'), 'POST', '/v1/budgets', BUDGET);
    expect(control.status).toBe(409); // a second one of the name
  });

  it('F4: a hundred at once make it once', async () => {
    const tenant = await mint();
    await send(tenant.headers, 'GET', '/v1/api-keys');
    const one = () => send(withKey(tenant, 'k'), 'POST', '/v1/rate-limits', { maxRequests: 1_000_000 });
    const all = await Promise.all(Array.from({ length: 100 }, one));
    const made = all.filter(({ status }) => status === 201);
    expect(made.length + all.filter(({ status }) => status === 409).length).toBe(100);
    expect(made.length).toBeGreaterThan(0);
    expect(new Set(await Promise.all([...made, await one()].map((answer) => answer.text()))).size).toBe(1);
    const rows = await ownerSql()`select 1 from rate_limits where tenant_id = ${tenant.tenantId}`;
    expect(rows).toHaveLength(1);
  });

  it('replays a secret that is shown once, and keeps it nowhere in plain text', async () => {
    const tenant = await mint();
    const make = () => send(withKey(tenant, 'k'), 'POST', '/v1/api-keys', { name: 'ci', scopes: ['keys:read'] });
    const first = await (await make()).json<{ key: string }>();
    expect(first.key).toMatch(/^eufm_/);
    expect(await (await make()).json()).toEqual(first);
    const kept = [...(await keysOf(tenant, 'keys')), ...(await keysOf(tenant, 'bodies'))].join();
    expect(kept).not.toContain(first.key);
    expect(kept.length).toBeGreaterThan(100);
  });

  it('that was refused leaves the key free, and no effect', async () => {
    const tenant = await mint();
    expect((await send(tenant.headers, 'POST', '/v1/budgets', BUDGET)).status).toBe(201);
    const headers = withKey(tenant, 'k');
    const taken = await send(headers, 'POST', '/v1/budgets', BUDGET);
    expect([taken.status, (await taken.json<Problem>()).code]).toEqual([409, 'already_exists']);
    const missing = `/v1/budgets/${crypto.randomUUID()}`;
    expect((await send(headers, 'DELETE', missing)).status).toBe(404);
    expect(await effectsOf(tenant)).toEqual([]);
    expect((await send(headers, 'POST', '/v1/budgets', { ...BUDGET, name: 'c' })).status).toBe(201);
    expect(await effectsOf(tenant)).toHaveLength(1);
  });

  it('is made by the retry when the isolate was gone before it was made', async () => {
    const tenant = await mint();
    crash('claimed', tenant, 'k', '/v1/budgets', BUDGET);
    await eventually(
      () => keysOf(tenant, 'keys'),
      (rows) => rows.length === 1,
    );
    const retry = () => send(withKey(tenant, 'k'), 'POST', '/v1/budgets', BUDGET);
    expect((await retry()).status).toBe(409); // it counts as running
    await changeKeys(tenant, LAPSE);
    expect((await retry()).status).toBe(201);
    expect(await budgetsOf(tenant)).toHaveLength(1);
  });

  it('is not made again when the isolate was gone before it had told so: the retry is told who made it', async () => {
    const tenant = await mint();
    crash('done', tenant, 'k', '/v1/rate-limits', { maxRequests: 1_000_000 });
    const [made] = await eventually(
      () => effectsOf(tenant),
      (rows) => rows.length === 1,
    );
    await changeKeys(tenant, LAPSE);
    const retry = () => send(withKey(tenant, 'k'), 'POST', '/v1/rate-limits', { maxRequests: 1_000_000 });
    for (const answer of [await retry(), await retry()]) {
      const problem = await answer.json<Problem>();
      expect([problem.status, problem.code]).toEqual([409, 'idempotency_answer_lost']);
      expect(problem.detail).toContain(made?.request_id);
    }
    expect(await ownerSql()`select 1 from rate_limits where tenant_id = ${tenant.tenantId}`).toHaveLength(1);
    expect((await auditsOf(tenant)).map(({ request_id }) => request_id)).toEqual([made?.request_id]);
  });

  it('control: without its row in the transaction, that retry would make it twice', async () => {
    const tenant = await mint();
    crash('done', tenant, 'k', '/v1/rate-limits', { maxRequests: 1_000_000 });
    await eventually(
      () => effectsOf(tenant),
      (rows) => rows.length === 1,
    );
    await changeKeys(tenant, LAPSE);
    await ownerSql()`delete from idempotent_effects where tenant_id = ${tenant.tenantId}`;
    const retry = await send(withKey(tenant, 'k'), 'POST', '/v1/rate-limits', { maxRequests: 1_000_000 });
    expect(retry.status).toBe(201);
    expect(await ownerSql()`select 1 from rate_limits where tenant_id = ${tenant.tenantId}`).toHaveLength(2);
  });

  it('that an identity provider asks for is made once, with the version and the place that it had', async () => {
    const { tenantId, scim } = await provisionedTenant();
    const person = { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'once@example.test' };
    const make = (headers: Record<string, string>) => send({ ...scim, ...headers }, 'POST', USERS, person);
    const [first, second] = [await make({ 'idempotency-key': 'k' }), await make({ 'idempotency-key': 'k' })];
    expect([first.status, second.status, second.headers.get('idempotent-replayed')]).toEqual([201, 201, 'true']);
    for (const name of ['etag', 'location'])
      expect(second.headers.get(name)).toBe(first.headers.get(name) ?? 'missing');
    expect(await second.text()).toBe(await first.text());
    const other = await send({ ...scim, 'idempotency-key': 'k' }, 'POST', USERS, { ...person, userName: 'two' });
    expect([other.status, other.headers.get('content-type')]).toEqual([422, 'application/scim+json']);
    expect(await ownerSql()`select 1 from scim_users where tenant_id = ${tenantId}`).toHaveLength(1);
    expect((await make({})).status).toBe(409); // control: there is one of the name
  });

  it('of a person who names no tenant is made once too', async () => {
    const person = await mintPerson();
    const make = () => send(withKey(person, 'k'), 'POST', '/v1/tenants', { name: 'Once' });
    const [first, second] = [await make(), await make()];
    expect([first.status, second.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    const made = await first.json<{ id: string }>();
    expect(await second.json()).toEqual(made);
    const rows = await ownerSql()`select tenant_id from user_roles where user_id = ${person.userId}`;
    expect(rows).toEqual([{ tenant_id: made.id }]);
    expect((await send(person.headers, 'POST', '/v1/tenants', { name: 'Once' })).status).toBe(201); // control
  });
});
