import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { HOLD_RENEWAL_MS } from '../../../workers/gateway/constants.ts';
import { EventReader, terminalOf } from '../../harness/event-stream.ts';
import { mintTenant, ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { done, refused, send } from '../../harness/send.ts';

const MODEL = 'gpt-4o-mini';
const REQUEST = { input: 'hello', stream: true, providerPreferences: [{ provider: 'openai', model: MODEL }] };

const ENDED = { event: 'failed', data: { code: 'permission_denied', response: { status: 'failed' } } };

/** A developer whose stream has begun and waits for its provider, beside the owner of the tenant. */
async function streaming() {
  const id = crypto.randomUUID();
  const tenant = await mintTenant({ providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/stepwise~${id}` });
  const [owner, developer] = [await mintPerson(), await mintPerson()];
  await joinAs(owner, tenant.tenantId, 'owner');
  await joinAs(developer, tenant.tenantId, 'developer');
  const headers = { ...developer.in(tenant.tenantId), 'x-env-id': tenant.environmentId };
  const response = await exports.default.fetch('https://gateway.test/v1/orchestrate', {
    ...{ method: 'POST', headers, body: JSON.stringify(REQUEST) },
  });
  expect(response.status).toBe(200);
  const step = async () => {
    await fetch(`${testEnv.SCRIPTED_PROVIDER_URL}/control/step/${id}`);
  };
  await step();
  const reader = new EventReader(response);
  /** How the stream ends, though its provider says nothing more. */
  const ending = async () => terminalOf(await reader.rest());
  const finish = async () => {
    const rest = reader.rest();
    let isOver = false;
    void rest.finally(() => {
      isOver = true;
    });
    while (!isOver) await step();
    return terminalOf(await rest);
  };
  const ask = () => refused(headers, 'POST', '/v1/orchestrate', { ...REQUEST, stream: false });
  return { tenant, owner, developer, headers, ask, ending, finish };
}

describe('A7: access that ends while a stream runs', () => {
  it('a role that is taken away refuses the next request, and ends the stream', async () => {
    const { tenant, owner, developer, headers, ask, ending } = await streaming();
    expect((await send(headers, 'GET', '/v1/metrics/usage')).status).toBe(200); // control: it had the right
    const [viewer] = await ownerSql()`select id from roles where name = 'viewer' and tenant_id is null`;
    await done(owner.in(tenant.tenantId), 'PATCH', `/v1/members/${developer.userId}`, { roleIds: [viewer?.id] });
    expect(await ask()).toMatchObject({ status: 403, code: 'permission_denied' });
    expect(await ending()).toMatchObject(ENDED);
    expect(await ask()).toMatchObject({ status: 403, code: 'permission_denied' });
  });

  it('a member who is removed is refused with the next request', async () => {
    const { tenant, owner, developer, ask, ending } = await streaming();
    await done(owner.in(tenant.tenantId), 'DELETE', `/v1/members/${developer.userId}`);
    expect(await ask()).toMatchObject({ status: 403, code: 'tenant_mismatch' });
    expect(await ending()).toMatchObject(ENDED);
  });

  it('a user who is disabled is refused with the next request, everywhere', async () => {
    const { developer, ask, ending } = await streaming();
    await ownerSql()`update users set status = 'disabled' where id = ${developer.userId}`;
    expect(await ask()).toMatchObject({ status: 403, code: 'tenant_mismatch' });
    expect(await refused(developer.headers, 'GET', '/v1/tenants')).toMatchObject({ status: 401 });
    expect(await ending()).toMatchObject(ENDED);
  });

  it('a role of the tenant’s own that loses a permission refuses its members’ next request', async () => {
    const { tenant, owner, developer, ask, ending } = await streaming();
    const as = owner.in(tenant.tenantId);
    const role = { name: 'caller', description: 'Calls', permissions: ['orchestrate:invoke'] };
    const { id } = await done<{ id: string }>(as, 'POST', '/v1/roles', role);
    await done(as, 'PATCH', `/v1/members/${developer.userId}`, { roleIds: [id] });
    await done(as, 'PATCH', `/v1/roles/${id}`, { permissions: [] });
    expect(await ask()).toMatchObject({ status: 403, code: 'permission_denied' });
    expect(await ending()).toMatchObject(ENDED);
  });

  it('control: a stream whose reader keeps the right goes on over several checks, to its end', async () => {
    const { tenant, owner, developer, finish } = await streaming();
    const [admin] = await ownerSql()`select id from roles where name = 'admin' and tenant_id is null`;
    await done(owner.in(tenant.tenantId), 'PATCH', `/v1/members/${developer.userId}`, { roleIds: [admin?.id] });
    await scheduler.wait(2 * HOLD_RENEWAL_MS + 500);
    expect(await finish()).toMatchObject({ event: 'completed' });
  });
});
