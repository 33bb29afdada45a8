import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { eraseTenants } from '../../../workers/ledger/jobs/erase-tenants.ts';
import { createLedgerPorts, type LedgerPorts } from '../../../workers/ledger/ports.ts';
import { eventually } from '../../harness/eventually.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { done } from '../../harness/send.ts';
import { runnerFor } from '../../harness/task-orders.ts';

const ports = (): LedgerPorts => createLedgerPorts({ ...testEnv, DATABASE_URL: testEnv.LEDGER_DATABASE_URL });

/** The tables that an object has of its own. */
const tablesOf = (tenant: TestTenant, taskId: string) =>
  runInDurableObject(runnerFor(tenant, taskId), (_object, { storage }) =>
    storage.sql.exec("SELECT name FROM sqlite_master WHERE name IN ('tasks', 'texts', 'outbox')").toArray(),
  );

/** A tenant that runs a call which never ends and has a task for later, once its grace period is over. */
async function mintGone() {
  const script = `hang~${crypto.randomUUID()}`;
  const scopes = ['tasks:read', 'tasks:write'];
  const tenant = await mintTenant({ scopes, providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/${script}` });
  const call = async () =>
    (await fetch(`${testEnv.SCRIPTED_PROVIDER_URL}/control/call/${script.split('~')[1]}`)).json<{ end?: string }>();
  const { id } = await done<{ id: string }>(tenant.headers, 'POST', '/v1/tasks', { input: 'hello' });
  await eventually(call, ({ end }) => end === 'open');
  await eventually(
    () => ownerSql()`select id from tasks where tenant_id = ${tenant.tenantId} and status = 'running'`,
    ({ length }) => length === 1,
  );
  await ownerSql()`update tenants set status = 'deleting', erase_after = now() where id = ${tenant.tenantId}`;
  return { tenant, id, call };
}

describe('tasks of a tenant that is erased', () => {
  it('are ended and forgotten, by their runners and in the record', async () => {
    const { tenant, id, call } = await mintGone();
    await eraseTenants(ports());
    expect(await tablesOf(tenant, id)).toEqual([]);
    expect((await eventually(call, ({ end }) => end === 'aborted')).end).toBe('aborted');
    expect(await runnerFor(tenant, id).get(id)).toBeNull();
    expect(await ownerSql()`select id from tasks where tenant_id = ${tenant.tenantId}`).toEqual([]);
  });

  it('control: without its step the runner still has them', async () => {
    const { tenant, id } = await mintGone();
    await eraseTenants({ ...ports(), eraseTasks: async () => {} });
    expect(await tablesOf(tenant, id)).toHaveLength(3);
  });
});
