import { runInDurableObject } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import { archiveOf } from '../../../shared/domain/usage/archive-manifest.ts';
import { eraseTenants } from '../../../workers/ledger/jobs/erase-tenants.ts';
import { createLedgerPorts } from '../../../workers/ledger/ports.ts';
import { orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { done, refused } from '../../harness/send.ts';

/** The configuration that a tenant's object has in its storage. */
const storedBy = (tenantId: string, shard = 0) =>
  runInDurableObject(tenantGate(testEnv, tenantId, shard), (_object, state) =>
    String(state.storage.sql.exec('SELECT snapshot FROM configuration').toArray()[0]?.snapshot ?? ''),
  );

it('erases a deleted tenant once its time is over: rows, and what its objects have of its sealed credentials', async () => {
  const [tenant, owner] = [await mintTenant(), await mintPerson()];
  await joinAs(owner, tenant.tenantId, 'owner');
  expect((await orchestrate(tenant.headers, { input: 'hello' })).status).toBe(200);
  const [account] = await ownerSql()`
    select encrypted_credentials as sealed from provider_accounts where tenant_id = ${tenant.tenantId}`;
  const { wrapped: wrappedKey } = JSON.parse(account?.sealed);
  const path = `/v1/tenants/${tenant.tenantId}`;
  const other = `${archiveOf(crypto.randomUUID())}/2026-01-01/0.ndjson`;
  const archived = [`${archiveOf(tenant.tenantId)}/2026-01-01/0.ndjson`, other];
  for (const key of archived) await testEnv.ARCHIVE.put(key, '{}');
  await done(owner.headers, 'DELETE', path);
  const ports = createLedgerPorts({ ...testEnv, DATABASE_URL: testEnv.LEDGER_DATABASE_URL });

  await eraseTenants(ports);
  expect(await storedBy(tenant.tenantId)).toContain(wrappedKey); // the grace period holds
  expect(await done(owner.headers, 'GET', path)).toMatchObject({ status: 'deleting' });

  await ownerSql()`update tenants set erase_after = now() where id = ${tenant.tenantId}`;
  await eraseTenants(ports);
  expect(await storedBy(tenant.tenantId)).not.toContain(wrappedKey);
  const kept = await Promise.all(archived.map((key) => testEnv.ARCHIVE.head(key)));
  expect(kept.map((object) => object?.key)).toEqual([undefined, other]);
  expect(await storedBy(tenant.tenantId, 1)).toContain('"apiKeys":[]');
  expect(await refused(owner.headers, 'GET', path)).toMatchObject({ status: 404 });
  expect(await refused(owner.headers, 'POST', `${path}/restore`)).toMatchObject({ status: 404 });
  expect(await done(owner.headers, 'GET', '/v1/tenants')).toMatchObject({ data: [] });
  const [left] = await ownerSql()`
    select (select count(*)::int from provider_accounts where tenant_id = tenants.id) as accounts,
      (select count(*)::int from audit_logs where tenant_id = tenants.id) as entries, status, name
    from tenants where id = ${tenant.tenantId}`;
  expect(left).toEqual({ accounts: 0, entries: 0, status: 'erased', name: '' });
});
