import { expect, it } from 'vitest';
import { clientSecret, providerCredentials, tenantSecret } from '../../../shared/crypto/seal-contexts.ts';
import { eraseTenants } from '../../../workers/ledger/jobs/erase-tenants.ts';
import { createLedgerPorts, type LedgerPorts } from '../../../workers/ledger/ports.ts';
import { TENANT_KEY_MAX_AGE_MS } from '../../../workers/providers/constants.ts';
import { orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { done } from '../../harness/send.ts';
import { vaultIsolate } from '../../harness/vault-isolate.ts';

const VALUES = 4;

/** Everything that a tenant sealed, as a backup of the database has it. */
async function backUp({ tenantId }: TestTenant) {
  const sql = ownerSql();
  const rows = await sql`
    select 'account' as kind, id, encrypted_credentials as sealed from provider_accounts where tenant_id = ${tenantId}
    union all select 'provider', id, encrypted_client_secret from identity_providers where tenant_id = ${tenantId}
    union all select 'secret', id, encrypted_value from secrets where tenant_id = ${tenantId}`;
  const placeOf = { account: providerCredentials, provider: clientSecret, secret: tenantSecret };
  return rows.map(({ kind, id, sealed }) => ({
    place: placeOf[kind as keyof typeof placeOf](tenantId, id),
    sealed: String(sealed),
  }));
}

/** A tenant with sealed values of every kind, some of them read. */
async function mintFilled() {
  const [tenant, owner] = [await mintTenant(), await mintPerson()];
  await joinAs(owner, tenant.tenantId, 'owner');
  const as = owner.in(tenant.tenantId);
  for (let at = 0; at < VALUES; at++) await done(as, 'POST', '/v1/secrets', { name: `s${at}`, value: `value ${at}` });
  const provider = { name: 'Own', issuer: testEnv.TENANT_ISSUER, clientId: 'c', clientSecret: 'a client secret' };
  await done(as, 'POST', '/v1/identity-providers', provider);
  expect((await orchestrate(tenant.headers, { input: 'hello' })).status).toBe(200);
  return { tenant, owner, backup: await backUp(tenant) };
}

async function endGrace({ tenant, owner }: Awaited<ReturnType<typeof mintFilled>>): Promise<void> {
  await done(owner.headers, 'DELETE', `/v1/tenants/${tenant.tenantId}`);
  await ownerSql()`update tenants set erase_after = now() where id = ${tenant.tenantId}`;
}

/** Which values of a backup open in an isolate that has just started, with all of the vault's keys. */
async function openAll(backup: Awaited<ReturnType<typeof backUp>>) {
  const { box } = await vaultIsolate();
  return await Promise.all(backup.map(async ({ place, sealed }) => box.open(place, sealed)));
}

const ports = (): LedgerPorts => createLedgerPorts({ ...testEnv, DATABASE_URL: testEnv.LEDGER_DATABASE_URL });

it('S6: of an erased tenant nothing opens again, a restored backup included; others are unaffected', {
  timeout: 120_000,
}, async () => {
  const [gone, stays] = [await mintFilled(), await mintFilled()];
  expect(gone.backup).toHaveLength(VALUES + 2);
  const warm = await vaultIsolate();
  for (const { place, sealed } of gone.backup) expect((await warm.box.open(place, sealed)).ok).toBe(true);
  await endGrace(gone);
  await eraseTenants(ports());
  expect(await backUp(gone.tenant)).toEqual([]);

  // The backup has every row and, in the vault's secret, every key-encryption key.
  const restored = await openAll(gone.backup);
  expect(restored).toEqual(gone.backup.map(() => ({ ok: false, error: { reason: 'erased' } })));
  warm.clock.now += TENANT_KEY_MAX_AGE_MS + 1;
  for (const { place, sealed } of gone.backup) expect((await warm.box.open(place, sealed)).ok).toBe(false);
  await expect(warm.box.seal(tenantSecret(gone.tenant.tenantId, crypto.randomUUID()), 'x')).rejects.toThrow('erased');

  expect((await openAll(stays.backup)).every(({ ok }) => ok)).toBe(true);
  expect((await orchestrate(stays.tenant.headers, { input: 'hello' })).status).toBe(200);
});

it('S6, control: with the rows alone erased, a restored backup opens', async () => {
  const filled = await mintFilled();
  await endGrace(filled);
  await eraseTenants({ ...ports(), eraseKey: async () => {} });
  expect(await backUp(filled.tenant)).toEqual([]);
  expect((await openAll(filled.backup)).every(({ ok }) => ok)).toBe(true);
});

it('an erasure that is broken off behind the key is finished by the next run', async () => {
  const filled = await mintFilled();
  await endGrace(filled);
  await eraseTenants({ ...ports(), eraseArchive: () => Promise.reject(new Error('R2 is away')) });
  expect((await openAll(filled.backup)).some(({ ok }) => ok)).toBe(false);
  await eraseTenants(ports());
  const [left] = await ownerSql()`select status from tenants where id = ${filled.tenant.tenantId}`;
  expect(left).toEqual({ status: 'erased' });
});
