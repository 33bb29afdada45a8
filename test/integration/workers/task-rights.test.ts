import { beforeEach, describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import type { TaskDetailView } from '../../../shared/contracts/http/tasks.ts';
import { eventually } from '../../harness/eventually.ts';
import { readSnapshot } from '../../harness/gate-tenant.ts';
import { call } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { bringDue, runnerFor } from '../../harness/task-orders.ts';

const SCOPES = ['tasks:read', 'tasks:write'];

let tenant: TestTenant;

beforeEach(async () => {
  tenant = await mintTenant({ scopes: SCOPES });
});

/** What becomes of a task that is created with these headers, when something is changed while it waits for its time. */
async function fateOf(headers: Record<string, string>, change: () => Promise<unknown>): Promise<TaskDetailView> {
  const executeAt = new Date(Date.now() + 3_600_000).toISOString();
  const response = await call('POST', '/v1/tasks', { headers, body: JSON.stringify({ input: 'hello', executeAt }) });
  expect(response.status).toBe(202);
  const { id } = await response.json<{ id: string }>();
  await change();
  await bringDue(runnerFor(tenant, id));
  const rows = await eventually(
    () => ownerSql()`select status from tasks where id = ${id}`,
    ([row]) => row?.status === 'succeeded' || row?.status === 'failed',
  );
  expect(rows).toHaveLength(1);
  const [row] = await ownerSql()`
    select status, error_code as "errorCode", (select count(*)::int from requests where task_id = tasks.id) as calls
    from tasks where id = ${id}`;
  return row as unknown as TaskDetailView;
}

/** As a change through the API ends: Postgres has it, and TenantGate is handed it. */
async function publish(): Promise<void> {
  await ownerSql()`update tenants set config_version = config_version + 1 where id = ${tenant.tenantId}`;
  await tenantGate(testEnv, tenant.tenantId).publish(await readSnapshot(tenant));
}

describe('A7: a task is authorised when it begins', () => {
  it('control: one whose creator keeps their rights is done', async () => {
    expect(await fateOf(tenant.headers, async () => {})).toMatchObject({ status: 'succeeded', errorCode: null });
  });

  it('a key that was revoked in the meantime fails it, and nothing is sent', async () => {
    const fate = await fateOf(tenant.headers, async () => {
      await ownerSql()`update api_keys set revoked_at = now() where id = ${tenant.apiKeyId}`;
      await publish();
    });
    expect(fate).toEqual({ status: 'failed', errorCode: 'unauthenticated', calls: 0 });
  });

  it('a key that lost the permission fails it', async () => {
    const fate = await fateOf(tenant.headers, async () => {
      await ownerSql()`update api_keys set scopes = '{tasks:read}' where id = ${tenant.apiKeyId}`;
      await publish();
    });
    expect(fate).toEqual({ status: 'failed', errorCode: 'permission_denied', calls: 0 });
  });

  it('a tenant that was suspended fails it', async () => {
    const fate = await fateOf(tenant.headers, async () => {
      await ownerSql()`update tenants set status = 'suspended' where id = ${tenant.tenantId}`;
      await publish();
    });
    expect(fate).toEqual({ status: 'failed', errorCode: 'tenant_suspended', calls: 0 });
  });

  it.each([
    ['keeps their role', false, { status: 'succeeded', errorCode: null }],
    ['lost their role', true, { status: 'failed', errorCode: 'permission_denied', calls: 0 }],
  ])('a person who %s', async (_name, isLost, fate) => {
    const person = await mintPerson();
    await joinAs(person, tenant.tenantId, 'developer');
    const headers = {
      ...person.in(tenant.tenantId),
      'x-env-id': tenant.environmentId,
      'content-type': 'application/json',
    };
    const change = async () => {
      if (isLost) await ownerSql()`delete from user_roles where user_id = ${person.userId}`;
    };
    expect(await fateOf(headers, change)).toMatchObject(fate);
  });
});
