import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import { hashApiKey, importPepper, mintApiKey } from '../../../shared/auth/api-key.ts';
import { SECRET_LENGTH, SHOWN_SECRET_LENGTH, TENANT_LENGTH } from '../../../shared/auth/constants.ts';
import type { ApiKey, CreatedApiKey } from '../../../shared/contracts/http/api-keys.ts';
import { fromBase64, toBase64Url } from '../../../shared/crypto/bytes.ts';
import { createApp } from '../../../workers/gateway/app.ts';
import { createPorts } from '../../../workers/gateway/create-ports.ts';
import { ApiKeyDirectory } from '../../../workers/gateway/identity/api-key-directory.ts';
import { KeyUses } from '../../../workers/gateway/identity/key-uses.ts';
import { TenantDirectory } from '../../../workers/gateway/identity/tenant-directory.ts';
import type { GatewayPorts } from '../../../workers/gateway/ports.ts';
import { eventually } from '../../harness/eventually.ts';
import { readSnapshot } from '../../harness/gate-tenant.ts';
import { orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { done, send } from '../../harness/send.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LAG_MS = 60_000;
const SCOPES = ['orchestrate:invoke', 'usage:read', 'policies:write', 'keys:read', 'keys:write'];

const mint = () => mintTenant({ scopes: SCOPES });

/** The gateway, which counts what it asks of Postgres and of Durable Objects. */
function countingGateway(change: (ports: GatewayPorts) => Partial<GatewayPorts> = () => ({})) {
  const calls = { database: 0, object: 0 };
  const now = () => Date.now();
  const ports = createPorts(testEnv);
  const db = new Proxy(ports.db, {
    get(target, name) {
      calls.database++;
      return Reflect.get(target, name);
    },
  });
  const gate = (tenantId: string) => {
    calls.object++;
    return tenantGate(testEnv, tenantId);
  };
  const load = async () => {
    calls.database++;
    return null;
  };
  const tenants = new TenantDirectory({ gate, load, now });
  const apiKeys = new ApiKeyDirectory(testEnv.API_KEY_PEPPER, tenants, now);
  const own = { ...ports, db, gate, tenants, apiKeys };
  const app = createApp(() => ({ ...own, ...change(own) }));
  const ask = async (key: string, path = '/v1/models') => {
    const context = createExecutionContext();
    const response = await app.fetch(
      new Request(`https://gateway.test${path}`, { headers: { 'x-api-key': key } }),
      testEnv,
      context,
    );
    return { status: response.status, context };
  };
  return { calls, ask };
}

describe('A8: a key’s secret', () => {
  it('has at least 192 random bits that nobody is shown', () => {
    const bits = (SECRET_LENGTH - SHOWN_SECRET_LENGTH) * Math.log2(ALPHABET.length);
    expect(bits).toBeGreaterThanOrEqual(192);
    const claims = { region: 'eu', environment: 'dev', tenantId: crypto.randomUUID() } as const;
    const bodies = Array.from({ length: 5_000 }, () => mintApiKey(claims).key.slice('eufm_eu_dev_'.length));
    const variety = (index: number) => new Set(bodies.map((body) => body[index])).size;
    for (let index = 0; index < SECRET_LENGTH; index++) expect(variety(TENANT_LENGTH + index)).toBe(ALPHABET.length);
    // Control: what is not random is seen to be so.
    expect(variety(0)).toBe(1);
  });

  it('is stored as an HMAC under the pepper, and nowhere else', async () => {
    const { headers, tenantId } = await mint();
    const made = await done<CreatedApiKey>(headers, 'POST', '/v1/api-keys', { name: 'ci' });
    const rotated = await done<CreatedApiKey>(headers, 'POST', `/v1/api-keys/${made.id}/rotate`, {});
    const sql = ownerSql();
    const stored = JSON.stringify([
      await sql`select * from api_keys where tenant_id = ${tenantId}`,
      await sql`select * from audit_logs where tenant_id = ${tenantId}`,
      await tenantGate(testEnv, tenantId).snapshot(-1),
    ]);
    const pepper = await importPepper(fromBase64(testEnv.API_KEY_PEPPER) ?? new Uint8Array());
    for (const { key } of [made, rotated]) {
      const secret = key.slice('eufm_eu_dev_'.length + TENANT_LENGTH + SHOWN_SECRET_LENGTH);
      expect(stored).not.toContain(secret);
      expect(stored).toContain(await hashApiKey(pepper, key));
      // Control: neither a hash without the pepper nor one under another is what is stored.
      const plain = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)));
      expect(stored).not.toContain(toBase64Url(plain));
      expect(stored).not.toContain(await hashApiKey(await importPepper(new Uint8Array(32)), key));
    }
    const audited = JSON.stringify(await sql`select metadata from audit_logs where tenant_id = ${tenantId}`);
    expect(audited).not.toContain(await hashApiKey(pepper, made.key));
  });
});

describe('A8: a mistyped key', () => {
  it('is refused without a call, wherever the typo is', async () => {
    const { apiKey, tenantId } = await mint();
    const { calls, ask } = countingGateway();
    const typos = [...apiKey].flatMap((right, index) =>
      [...ALPHABET, '_']
        .filter((wrong) => wrong !== right)
        .map((wrong) => apiKey.slice(0, index) + wrong + apiKey.slice(index + 1)),
    );
    expect(typos.length).toBeGreaterThan(4_900);
    const statuses = new Set<number>();
    for (const typo of typos) statuses.add((await ask(typo)).status);
    expect([...statuses]).toEqual([401]);
    expect(calls).toEqual({ database: 0, object: 0 });

    // Control: a key that is well-formed and unknown is looked up, and the right one is served.
    const { key } = mintApiKey({ region: 'eu', environment: 'dev', tenantId });
    expect((await ask(key)).status).toBe(401);
    expect(calls.object).toBeGreaterThan(0);
  });
});

describe('A8: when a key was last used', () => {
  it('is known within a minute, and not written on the way', async () => {
    const tenant = await mint();
    const { key, id } = await done<CreatedApiKey>(tenant.headers, 'POST', '/v1/api-keys', { name: 'used' });
    const idle = await done<CreatedApiKey>(tenant.headers, 'POST', '/v1/api-keys', { name: 'idle' });
    const begun = Date.now();
    expect((await orchestrate({ ...tenant.headers, 'x-api-key': key }, { input: 'hello' })).status).toBe(200);
    const readTime = async (of: string) =>
      (await ownerSql()`select last_used_at from api_keys where tenant_id = ${tenant.tenantId} and id = ${of}`)[0];
    const row = await eventually(
      () => readTime(id),
      (row) => row?.last_used_at !== null,
      LAG_MS,
    );
    expect(Date.parse(row?.last_used_at)).toBeGreaterThanOrEqual(begun);
    const shown = await done<ApiKey>(tenant.headers, 'GET', `/v1/api-keys/${id}`);
    expect(Date.parse(shown.lastUsedAt ?? '')).toBeGreaterThanOrEqual(begun);
    // Control: a key that was not used has no such time.
    expect((await readTime(idle.id))?.last_used_at).toBeNull();
  }, 90_000);

  it('costs a request nothing while Postgres is away, and is written when it is back', async () => {
    const tenant = await mint();
    await tenantGate(testEnv, tenant.tenantId).publish(await readSnapshot(tenant));
    const world = { isAway: true, attempts: 0, failures: 0, written: [] as string[] };
    const clock = { now: 0 };
    const keyUses = new KeyUses({
      async write(uses) {
        world.attempts++;
        if (world.isAway) throw new Error('away');
        world.written.push(...uses.map(({ apiKeyId }) => apiKeyId));
      },
      onFailure: () => world.failures++,
      now: () => clock.now,
      wait: async () => {},
    });
    const { calls, ask } = countingGateway(() => ({ keyUses }));
    for (let request = 0; request < 20; request++) {
      const { status, context } = await ask(tenant.apiKey);
      expect(status).toBe(200);
      await waitOnExecutionContext(context);
    }
    expect(calls.database).toBe(0);
    expect([world.failures, world.written]).toEqual([world.attempts, []]);
    world.isAway = false;
    await waitOnExecutionContext((await ask(tenant.apiKey)).context);
    expect(world.written).toEqual([tenant.apiKeyId]);
  });
});

describe('T6: the same ids in two tenants', () => {
  const REQUEST = { input: 'hello', providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }] };

  /** Two tenants whose environment, key and account have the same ids, each with a provider of its own. */
  async function twins() {
    const [environmentId, apiKeyId, accountId] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
    const one = async () => {
      const script = crypto.randomUUID();
      const providerUrl = `${testEnv.SCRIPTED_PROVIDER_URL}/silent-answer~${script}`;
      const tenant = await mintTenant({ scopes: SCOPES, providerUrl, ids: { environmentId, apiKeyId, accountId } });
      const calls = async () => {
        const answer = await fetch(`${testEnv.SCRIPTED_PROVIDER_URL}/control/call/${script}`);
        return (await answer.json<{ count: number }>()).count;
      };
      return { ...tenant, calls };
    };
    return [await one(), await one()] as const;
  }

  const ask = async ({ headers }: TestTenant) => (await orchestrate(headers, REQUEST)).status;

  it('never meet: neither limits, nor credentials, nor revocation, nor what is recorded', async () => {
    const [alice, bob] = await twins();
    expect([await ask(alice), await ask(bob), await ask(bob)]).toEqual([200, 200, 200]);
    expect([await alice.calls(), await bob.calls()]).toEqual([1, 2]);
    const limit = { apiKeyId: alice.apiKeyId, maxRequests: 0 };
    await done(alice.headers, 'POST', '/v1/rate-limits', limit);
    expect([await ask(alice), await ask(bob)]).toEqual([429, 200]);
    expect((await send(alice.headers, 'DELETE', `/v1/api-keys/${alice.apiKeyId}`)).status).toBe(204);
    expect([await ask(alice), await ask(bob)]).toEqual([401, 200]);
    const countOf = async ({ tenantId }: TestTenant) =>
      (await ownerSql()`select count(*)::integer as count from requests where tenant_id = ${tenantId}`)[0]?.count;
    const counts = await eventually(
      async () => [await countOf(alice), await countOf(bob)],
      ([, second]) => second === 4,
    );
    expect(counts).toEqual([1, 4]);
  });

  it('objects are named for their tenant, shards too', async () => {
    const [alice, bob] = [crypto.randomUUID(), crypto.randomUUID()];
    const names = [0, 1, 15].flatMap((shard) =>
      [alice, bob].map((tenantId) => tenantGate(testEnv, tenantId, shard).id),
    );
    expect(new Set(names.map(String)).size).toBe(names.length);
    for (const [index, { name }] of names.entries()) expect(name?.split('/')[0]).toBe(index % 2 === 0 ? alice : bob);
  });

  it('control: in one object they would meet', async () => {
    const [alice, bob] = await twins();
    const shared = tenantGate(testEnv, crypto.randomUUID());
    const [first, second] = [await readSnapshot(alice), await readSnapshot(bob)];
    await shared.publish(first);
    await shared.publish(second);
    expect(await shared.snapshot(-1)).toMatchObject({ snapshot: { tenantId: alice.tenantId } });
  });
});
