import { expect, it } from 'vitest';
import { orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant } from '../../harness/mint-tenant.ts';
import { runSchedule } from '../../harness/run-schedule.ts';

/** A tenant whose key this isolate has served. */
async function served(): Promise<TestTenant> {
  const tenant = await mintTenant();
  expect((await orchestrate(tenant.headers, { input: 'hello' })).status).toBe(200);
  return tenant;
}

async function revoke({ tenantId }: TestTenant): Promise<void> {
  const sql = ownerSql();
  await sql.transaction([
    sql`update api_keys set revoked_at = now() where tenant_id = ${tenantId}`,
    sql`update tenants set config_version = config_version + 1 where id = ${tenantId}`,
  ]);
}

async function expectRevoked({ headers }: TestTenant): Promise<void> {
  const response = await orchestrate(headers, { input: 'hello' });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
}

it('stops a key that this isolate served a moment ago, as soon as TenantGate knows', async () => {
  const tenant = await served();
  await revoke(tenant);
  await runSchedule();
  await expectRevoked(tenant);
});

it('does not wait for other tenants’ changes, however many there are', async () => {
  const tenant = await served();
  await ownerSql()`
    insert into tenants (id, name, slug, region)
    select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Ahead', 'ahead-' || n, 'eu'
    from generate_series(1, 150) as n`;
  await revoke(tenant);
  await runSchedule();
  await expectRevoked(tenant);
});
