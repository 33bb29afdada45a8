import { expect, it } from 'vitest';
import type { SealContext } from '../../../shared/contracts/rpc.ts';
import {
  clientSecret,
  deliverySecret,
  keptAnswer,
  providerCredentials,
  tenantSecret,
  webhookSigningSecret,
} from '../../../shared/crypto/seal-contexts.ts';
import { eraseTenants } from '../../../workers/ledger/jobs/erase-tenants.ts';
import { createLedgerPorts, type LedgerPorts } from '../../../workers/ledger/ports.ts';
import { TENANT_KEY_MAX_AGE_MS } from '../../../workers/providers/constants.ts';
import { orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { done, refused } from '../../harness/send.ts';
import { vaultIsolate } from '../../harness/vault-isolate.ts';

const VALUES = 4;

/** Where a value of each column belongs. A new column of sealed values needs its place here. */
const PLACES: Readonly<Record<string, (tenantId: string, id: string) => SealContext>> = {
  'provider_accounts.encrypted_credentials': providerCredentials,
  'identity_providers.encrypted_client_secret': clientSecret,
  'secrets.encrypted_value': tenantSecret,
  'audit_log_destinations.encrypted_secret': deliverySecret,
  'webhook_signing_secrets.encrypted_secret': webhookSigningSecret,
};

/** Everything that a tenant sealed, as a backup of the database has it: of every column that there is for it. */
async function backUp({ tenantId }: TestTenant) {
  const sql = ownerSql();
  const columns = await sql`
    select table_name as table, column_name as name from information_schema.columns
    where table_schema = 'public' and column_name like 'encrypted%' order by 1, 2`;
  expect(columns.map(({ table, name }) => `${table}.${name}`)).toEqual(Object.keys(PLACES).sort());
  const sealed = columns.map(async ({ table, name }) => {
    const text = `select id, ${name} as sealed from ${table} where tenant_id = $1 and ${name} is not null`;
    const rows = await sql.query(text, [tenantId]);
    return rows.map(({ id, sealed }) => ({
      place: PLACES[`${table}.${name}`]?.(tenantId, id) as SealContext,
      sealed: String(sealed),
    }));
  });
  return (await Promise.all(sealed)).flat();
}

/** A tenant with sealed values of every kind, some of them read. */
async function mintFilled() {
  const [tenant, owner] = [await mintTenant(), await mintPerson()];
  await joinAs(owner, tenant.tenantId, 'owner');
  const as = owner.in(tenant.tenantId);
  for (let at = 0; at < VALUES; at++) await done(as, 'POST', '/v1/secrets', { name: `s${at}`, value: `value ${at}` });
  const provider = { name: 'Own', issuer: testEnv.TENANT_ISSUER, clientId: 'c', clientSecret: 'a client secret' };
  await done(as, 'POST', '/v1/identity-providers', provider);
  const destination = { kind: 'webhook', name: 'own', url: 'https://own.example/checkpoints' };
  await done(as, 'POST', '/v1/audit-log-destinations', destination);
  await done(as, 'POST', '/v1/webhook-signing-secrets/rotate', {});
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
  expect(gone.backup).toHaveLength(VALUES + 4);
  const warm = await vaultIsolate();
  const kept = keptAnswer({ kind: 'tenant', id: gone.tenant.tenantId }, crypto.randomUUID());
  gone.backup.push({ place: kept, sealed: await warm.box.seal(kept, 'an answer that is kept') });
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

it('an erasure that is broken off behind the key cannot be taken back, and is finished by the next run', async () => {
  const filled = await mintFilled();
  await endGrace(filled);
  await eraseTenants({ ...ports(), eraseArchive: () => Promise.reject(new Error('R2 is away')) });
  expect((await openAll(filled.backup)).some(({ ok }) => ok)).toBe(false);
  const restored = await refused(filled.owner.headers, 'POST', `/v1/tenants/${filled.tenant.tenantId}/restore`);
  expect(restored).toMatchObject({ status: 409, code: 'conflict' });
  await eraseTenants(ports());
  const [left] = await ownerSql()`select status from tenants where id = ${filled.tenant.tenantId}`;
  expect(left).toEqual({ status: 'erased' });
});
