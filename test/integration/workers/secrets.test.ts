import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import type { Secret } from '../../../shared/contracts/http/secrets.ts';
import { tenantSecret } from '../../../shared/crypto/seal-contexts.ts';
import { mintTenant, ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { joinAs, mintPerson } from '../../harness/people.ts';
import { done, refused, send } from '../../harness/send.ts';

const VALUE = 'a value that nobody sees again';
const INPUT = { name: 'crm_token', value: VALUE };

async function memberOf(tenantId: string, role: string) {
  const person = await mintPerson();
  await joinAs(person, tenantId, role);
  return person.in(tenantId);
}

describe('a secret', () => {
  it('is kept, listed, replaced and removed, and its value is never shown', async () => {
    const { tenantId } = await mintTenant();
    const as = await memberOf(tenantId, 'admin');
    const response = await send(as, 'POST', '/v1/secrets', INPUT);
    const shown = await response.text();
    expect(response.status).toBe(201);
    const made: Secret = JSON.parse(shown);
    expect(made).toMatchObject({ name: 'crm_token', createdBy: expect.any(String) });
    const sealed = async () =>
      String((await ownerSql()`select encrypted_value as v from secrets where id = ${made.id}`)[0]?.v);
    const first = await sealed();
    expect(await testEnv.VAULT.open(tenantSecret(tenantId, made.id), first)).toEqual({ ok: true, value: VALUE });
    const replaced = await done(as, 'PATCH', `/v1/secrets/${made.id}`, { value: 'another value' });
    expect(replaced).toMatchObject({ id: made.id, name: 'crm_token' });
    const opened = await testEnv.VAULT.open(tenantSecret(tenantId, made.id), await sealed());
    expect(opened).toEqual({ ok: true, value: 'another value' });
    const list = JSON.stringify(await done(as, 'GET', '/v1/secrets'));
    const audit = JSON.stringify(await done(as, 'GET', '/v1/audit-logs'));
    for (const text of [shown, list, audit, first, await sealed(), JSON.stringify(replaced)]) {
      expect(text).not.toContain(VALUE);
      expect(text).not.toContain('another value');
    }
    expect(audit).toContain('secret.created');
    expect(audit).toContain('secret.updated');
    expect(await refused(as, 'POST', '/v1/secrets', INPUT)).toMatchObject({ status: 409, code: 'already_exists' });
    await done(as, 'DELETE', `/v1/secrets/${made.id}`);
    expect(await done(as, 'GET', '/v1/secrets')).toMatchObject({ data: [] });
  });

  it.each([
    ['owner', 200],
    ['admin', 200],
    ['developer', 403],
    ['auditor', 403],
    ['viewer', 403],
  ])('is for administrators alone: %s', async (role, status) => {
    const { tenantId } = await mintTenant();
    const as = await memberOf(tenantId, role);
    expect((await send(as, 'GET', '/v1/secrets')).status).toBe(status);
    expect((await send(as, 'POST', '/v1/secrets', INPUT)).status).toBe(status === 200 ? 201 : 403);
  });

  it('says what is wrong with it, without saying the value', async () => {
    const { headers } = await mintTenant({ scopes: ['providers:write'] });
    for (const change of [{ name: '1x' }, { value: '' }, { value: 'x'.repeat(20_000) }, { extra: VALUE }]) {
      const problem = await refused(headers, 'POST', '/v1/secrets', { ...INPUT, ...change });
      expect(problem).toMatchObject({ status: 400 });
      expect(JSON.stringify(problem)).not.toContain(VALUE);
    }
  });
});

describe('a TenantGate', () => {
  it('keeps one wrapped key, takes a new wrapping of it, and forgets it for good', async () => {
    const tenantId = crypto.randomUUID();
    const gate = tenantGate(testEnv, tenantId);
    expect(await gate.tenantKey()).toEqual({ state: 'none' });
    const tables = await runInDurableObject(gate, (_object, { storage }) => storage.sql.databaseSize);
    expect(tables).toBeLessThan(10_000); // asking stored nothing
    const key = { id: crypto.randomUUID(), kek: 'k1', wrapped: 'w1' };
    expect(await gate.adoptTenantKey(key)).toEqual({ state: 'stored', key });
    expect(await gate.adoptTenantKey({ ...key, id: crypto.randomUUID() })).toEqual({ state: 'stored', key });
    const next = { ...key, kek: 'k2', wrapped: 'w2' };
    expect(await gate.rewrapTenantKey(key, next)).toBe(true);
    expect(await gate.rewrapTenantKey(key, { ...key, kek: 'k3' })).toBe(false);
    expect(await gate.tenantKey()).toEqual({ state: 'stored', key: next });
    await gate.eraseTenantKey();
    expect(await gate.rewrapTenantKey(next, key)).toBe(false);
    expect(await gate.adoptTenantKey(key)).toEqual({ state: 'erased' });
    const left = await runInDurableObject(gate, (_object, { storage }) =>
      storage.sql.exec('SELECT * FROM tenant_key').toArray(),
    );
    expect(left).toEqual([{ only: 1, id: null, kek: null, wrapped: null }]);
  });
});
