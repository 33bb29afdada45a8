import { createExecutionContext } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { ConnectionTest, ProviderAccount } from '../../../shared/contracts/http/providers.ts';
import { PROVIDERS } from '../../../shared/contracts/names.ts';
import { createApp } from '../../../workers/gateway/app.ts';
import { createPorts } from '../../../workers/gateway/create-ports.ts';
import { eventually } from '../../harness/eventually.ts';
import { readSnapshot } from '../../harness/gate-tenant.ts';
import { orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { done, refused, send } from '../../harness/send.ts';

const KEY = 'sk-a-key-that-nobody-sees';
const NEXT_KEY = 'sk-the-next-key';
const ALL = { scopes: ['orchestrate:invoke', 'providers:read', 'providers:write', 'audit:read'] };

const input = (change: object = {}) => ({
  provider: 'openai',
  accountLabel: 'production',
  credentials: { apiKey: KEY },
  baseUrl: `${testEnv.PROVIDER_URL}/v1`,
  ...change,
});

const auditOf = async (tenantId: string) =>
  await ownerSql()`select action, target_id, actor_api_key_id, metadata::text from audit_logs where tenant_id = ${tenantId} order by created_at, id`;

/** The gateway, with something in place of the network behind it. */
function gatewayWith(fetch: typeof globalThis.fetch) {
  const ports = { ...createPorts(testEnv), fetch };
  const app = createApp(() => ports);
  return async (headers: Record<string, string>, path: string): Promise<ConnectionTest> => {
    const request = new Request(`https://gateway.test${path}`, { method: 'POST', headers });
    const response = await app.fetch(request, testEnv, createExecutionContext());
    return response.json<ConnectionTest>();
  };
}

describe('a provider account', () => {
  it('is connected, used, renamed, rotated and removed, and its credentials are nowhere to be seen', async () => {
    const { tenantId, headers } = await mintTenant({ ...ALL, provider: 'anthropic' });
    const created = await send(headers, 'POST', '/v1/providers', input());
    const text = await created.text();
    const account: ProviderAccount = JSON.parse(text);
    expect(created.status).toBe(201);
    expect(account).toMatchObject({ provider: 'openai', accountLabel: 'production' });
    const asked = { input: 'hello', providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }] };
    expect((await orchestrate(headers, asked)).status).toBe(200);

    const path = `/v1/providers/${account.id}`;
    expect(await done(headers, 'GET', path)).toEqual(account);
    const renamed = await done<ProviderAccount>(headers, 'PATCH', path, { accountLabel: 'live' });
    expect(renamed).toEqual({ ...account, accountLabel: 'live' });
    const rotated = await done<ProviderAccount>(headers, 'POST', `${path}/rotate`, {
      credentials: { apiKey: NEXT_KEY },
    });
    expect(Date.parse(rotated.credentialsUpdatedAt)).toBeGreaterThanOrEqual(Date.parse(account.credentialsUpdatedAt));
    expect(rotated).toMatchObject({ accountLabel: 'live', baseUrl: account.baseUrl });
    const list = JSON.stringify(await done(headers, 'GET', '/v1/providers'));
    expect(list).toContain(account.id);

    const entries = await auditOf(tenantId);
    const changes = entries.map(({ action }) => action).filter((action) => action !== 'provider_account.opened');
    expect(changes).toEqual(['created', 'updated', 'credentials_rotated'].map((verb) => `provider_account.${verb}`));
    const logged = JSON.stringify(await done(headers, 'GET', '/v1/audit-logs'));
    const [row] =
      await ownerSql()`select encrypted_credentials as sealed from provider_accounts where id = ${account.id}`;
    for (const shown of [text, list, logged, JSON.stringify(entries), String(row?.sealed)]) {
      expect(shown).not.toContain(KEY);
      expect(shown).not.toContain(NEXT_KEY);
      expect(shown === row?.sealed || !shown.includes('"wrapped"')).toBe(true);
    }

    await done(headers, 'DELETE', path);
    expect(await refused(headers, 'GET', path)).toMatchObject({ status: 404 });
    const left = await readSnapshot({ tenantId } as never);
    expect(left.providerAccounts.map(({ id }) => id)).not.toContain(account.id);
  });

  it('says what is wrong with it', async () => {
    const { headers } = await mintTenant(ALL);
    await done(headers, 'POST', '/v1/providers', input());
    expect(await refused(headers, 'POST', '/v1/providers', input())).toMatchObject({
      ...{ status: 409, code: 'already_exists', errors: [{ pointer: '/accountLabel', detail: 'is taken' }] },
    });
    const wrong: [object, string][] = [
      [{ provider: 'nobody' }, '/provider'],
      [{ credentials: {} }, '/credentials/apiKey'],
      [{ credentials: { apiKey: 'two words' } }, '/credentials/apiKey'],
      [{ provider: 'openai-compatible', baseUrl: null }, '/baseUrl'],
      [{ baseUrl: 'ftp://models.example' }, '/baseUrl'],
      [{ baseUrl: 'http://user:secret@127.0.0.1/v1' }, '/baseUrl'],
    ];
    for (const [change, pointer] of wrong) {
      const problem = await refused(headers, 'POST', '/v1/providers', input({ accountLabel: 'other', ...change }));
      expect(problem).toMatchObject({ status: 400, errors: [expect.objectContaining({ pointer })] });
      expect(JSON.stringify(problem)).not.toContain('two words');
    }
  });

  it('never sends credentials elsewhere than where they were entered for', async () => {
    const { headers } = await mintTenant(ALL);
    const { id } = await done<ProviderAccount>(headers, 'POST', '/v1/providers', input());
    const elsewhere = { baseUrl: 'http://127.0.0.1:9/v1' };
    expect(await refused(headers, 'PATCH', `/v1/providers/${id}`, elsewhere)).toMatchObject({ status: 400 });
    expect(await refused(headers, 'POST', `/v1/providers/${id}/rotate`, elsewhere)).toMatchObject({ status: 400 });
    const moved = { ...elsewhere, credentials: { apiKey: NEXT_KEY } };
    expect(await done(headers, 'POST', `/v1/providers/${id}/rotate`, moved)).toMatchObject(elsewhere);
    const compatible = input({ provider: 'openai-compatible', accountLabel: 'own' });
    const own = await done<ProviderAccount>(headers, 'POST', '/v1/providers', compatible);
    const nowhere = { credentials: { apiKey: KEY }, baseUrl: null };
    expect(await refused(headers, 'POST', `/v1/providers/${own.id}/rotate`, nowhere)).toMatchObject({ status: 409 });
  });
});

describe('the test of a connection', () => {
  it.each(PROVIDERS)('makes one call of %s with the opened credentials, which costs nothing', async (provider) => {
    const { headers } = await mintTenant({ ...ALL, provider: provider === 'openai' ? 'anthropic' : 'openai' });
    const account = await done<ProviderAccount>(headers, 'POST', '/v1/providers', input({ provider }));
    const calls: Request[] = [];
    const test = gatewayWith(async (url, init) => {
      calls.push(new Request(url, init));
      return Response.json({ data: [] });
    });
    const outcome = await test(headers, `/v1/providers/${account.id}/test`);
    expect(outcome).toMatchObject({ isConnected: true, code: null, detail: null });
    expect(calls.map(({ method }) => method)).toEqual(['GET']);
    expect(JSON.stringify([...(calls[0]?.headers ?? [])])).toContain(KEY);
    expect(calls[0]?.url.startsWith(testEnv.PROVIDER_URL)).toBe(true);
  });

  it('tells why not: refused, not there, not a provider at all', async () => {
    const { headers } = await mintTenant(ALL);
    const { id } = await done<ProviderAccount>(headers, 'POST', '/v1/providers', input());
    const path = `/v1/providers/${id}/test`;
    const answers: [Response | Error, string][] = [
      [Response.json({ error: { message: `no such key ${KEY}` } }, { status: 401 }), 'provider_auth_failed'],
      [Response.json({}, { status: 429 }), 'provider_rate_limited'],
      [new Response('<html>', { status: 200 }), 'provider_failed'],
      [new Error('Network connection lost.'), 'provider_failed'],
    ];
    for (const [answer, code] of answers) {
      const test = gatewayWith(async () => {
        if (answer instanceof Error) throw answer;
        return answer;
      });
      const outcome = await test(headers, path);
      expect(outcome).toMatchObject({ isConnected: false, code });
      expect(JSON.stringify(outcome)).not.toContain(KEY);
    }
  });
});

describe('each opening of credentials', () => {
  it('is one entry in the audit log, told without Postgres, and however often it is sent', async () => {
    const { tenantId, headers, apiKeyId } = await mintTenant(ALL);
    const openings = async () => (await auditOf(tenantId)).filter(({ action }) => action === 'provider_account.opened');
    expect((await orchestrate(headers, { input: 'hello' })).status).toBe(200);
    const [entry, ...more] = await eventually(openings, ({ length }) => length > 0);
    expect(more).toEqual([]);
    const [account] = await ownerSql()`select id from provider_accounts where tenant_id = ${tenantId}`;
    expect(entry?.target_id).toBe(account?.id);
    expect(entry?.actor_api_key_id).toBe(apiKeyId);
    expect((await orchestrate(headers, { input: 'hello' })).status).toBe(200); // by what the isolate has opened
    await done(headers, 'POST', `/v1/providers/${account?.id}/test`);
    const both = await eventually(openings, ({ length }) => length > 1);
    expect(both).toHaveLength(2);
  });

  it('that is refused is one too, with the reason and whose request it was for', async () => {
    const { tenantId, headers, apiKeyId } = await mintTenant(ALL);
    const other = await mintTenant(ALL);
    await ownerSql()`update provider_accounts set encrypted_credentials =
      (select encrypted_credentials from provider_accounts where tenant_id = ${other.tenantId}) where tenant_id = ${tenantId}`;
    expect((await orchestrate(headers, { input: 'hello' })).status).toBe(503);
    const refusals = async () => (await auditOf(tenantId)).filter(({ action }) => action.endsWith('.open_refused'));
    const [entry, ...more] = await eventually(refusals, ({ length }) => length > 0);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ action: 'provider_account.open_refused', actor_api_key_id: apiKeyId });
    expect(JSON.parse(entry?.metadata)).toEqual({ reason: expect.any(String), requestId: expect.any(String) });
    expect((await auditOf(other.tenantId)).filter(({ action }) => action.includes('open'))).toEqual([]);
  });
});
