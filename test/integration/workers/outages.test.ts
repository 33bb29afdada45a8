import { createExecutionContext, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { StateEnv } from '../../../durable-objects/env.ts';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import type { TenantGate } from '../../../durable-objects/tenant-gate/tenant-gate.ts';
import type { LedgerBatch } from '../../../shared/contracts/queues.ts';
import { createApp } from '../../../workers/gateway/app.ts';
import { createPorts } from '../../../workers/gateway/create-ports.ts';
import { ApiKeyDirectory } from '../../../workers/gateway/identity/api-key-directory.ts';
import { TenantDirectory } from '../../../workers/gateway/identity/tenant-directory.ts';
import { CredentialCache } from '../../../workers/gateway/pipeline/credential-cache.ts';
import type { GatewayPorts } from '../../../workers/gateway/ports.ts';
import { TENANT_KEY_MAX_AGE_MS } from '../../../workers/providers/constants.ts';
import { eventually } from '../../harness/eventually.ts';
import {
  countOf,
  drawsOf,
  endOf,
  type Gate,
  type GateTenant,
  mintGateTenant,
  recordOf,
} from '../../harness/gate-tenant.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { vaultIsolate } from '../../harness/vault-isolate.ts';

/** The composed script has the objects' bindings too. */
const queue = (testEnv as typeof testEnv & Pick<StateEnv, 'LEDGER'>).LEDGER;
const away = () => Promise.reject(new Error('it is away'));

/** A gateway's isolate of its own, with something that it needs changed. */
function isolate(env: Partial<typeof testEnv>, change: (ports: GatewayPorts) => Partial<GatewayPorts> = () => ({})) {
  const ports = createPorts({ ...testEnv, ...env });
  const changed = { ...ports, ...change(ports) };
  const app = createApp(() => changed);
  return (method: string, path: string, { headers }: Pick<TestTenant, 'headers'>, body?: object) => {
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const request = new Request(`https://gateway.test${path}`, init);
    return Promise.resolve(app.fetch(request, testEnv, createExecutionContext()));
  };
}

/** What an isolate knows of tenants that has never reached a TenantGate. */
function unreachableTenants(now: () => number): TenantDirectory {
  return new TenantDirectory({ gate: () => ({ snapshot: away, publish: away }), load: away, now });
}

const ASK = { input: 'hello', providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }] };

const recordedOf = async ({ tenantId }: TestTenant): Promise<number> =>
  Number((await ownerSql()`select count(*) as n from requests where tenant_id = ${tenantId}`)[0]?.n);

async function expectUnavailable(response: Response): Promise<void> {
  expect(await response.json()).toMatchObject({ code: 'unavailable', retry: 'after' });
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
}

describe('F14: Postgres is away', () => {
  const POSTGRES_AWAY = { NEON_ENDPOINT: testEnv.CLOSED_URL };

  it('and a known tenant is served by an isolate that never saw it, and metered', async () => {
    const tenant = await mintTenant();
    const before = isolate({});
    expect((await before('POST', '/v1/orchestrate', tenant, ASK)).status).toBe(200);
    const send = isolate(POSTGRES_AWAY);
    const answers = await Promise.all(Array.from({ length: 20 }, () => send('POST', '/v1/orchestrate', tenant, ASK)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    isolate({}); // the driver's endpoint holds for the whole test's isolate: Postgres is back
    expect(
      await eventually(
        () => recordedOf(tenant),
        (count) => count === 21,
      ),
    ).toBe(21);
  });

  it('and what needs it answers 503 with Retry-After, never with less than the truth', async () => {
    const tenant = await mintTenant({
      scopes: ['orchestrate:invoke', 'usage:read', 'policies:read', 'policies:write'],
    });
    const known = isolate({});
    expect((await known('POST', '/v1/orchestrate', tenant, ASK)).status).toBe(200);
    await eventually(
      () => recordedOf(tenant),
      (count) => count === 1,
    );
    const stranger = await mintTenant();
    const send = isolate(POSTGRES_AWAY);
    const budget = { name: 'b', amountUsd: '1', period: 'day' };
    const answers = [
      await send('GET', '/v1/metrics/usage', tenant),
      await send('GET', '/v1/budgets', tenant),
      await send('POST', '/v1/budgets', tenant, budget),
      await send('POST', '/v1/orchestrate', stranger, ASK), // nobody here knows whether it may
    ];
    isolate({});
    for (const answer of answers) await expectUnavailable(answer);
    expect(await ownerSql()`select 1 from budgets where tenant_id = ${tenant.tenantId}`).toEqual([]);
    expect(await recordedOf(stranger)).toBe(0);
    expect((await isolate({})('POST', '/v1/orchestrate', stranger, ASK)).status).toBe(200);
  });
});

/** Puts something else in place of the object's queue, for as long as the object lives. */
async function replaceQueue(
  gate: Gate,
  send: (messages: { readonly body: LedgerBatch }[], object: TenantGate) => Promise<unknown>,
) {
  await runInDurableObject(gate, (object: TenantGate) => {
    const { env } = object as unknown as { readonly env: typeof testEnv }; // protected in the class
    const sendBatch = (messages: { readonly body: LedgerBatch }[]) => send(messages, object);
    Object.defineProperty(object, 'env', { value: { ...env, LEDGER: { sendBatch } }, configurable: true });
  });
}

async function settleRequests(to: GateTenant, count: number): Promise<void> {
  for (let request = 0; request < count; request++) {
    const leaseId = crypto.randomUUID();
    const hold = to.hold();
    const ended = {
      events: [recordOf(hold)],
      settledIds: [hold.requestId],
      statements: endOf(await drawsOf(to, leaseId, hold)),
    };
    await to.gate.sync(to.command({ leaseId, sequence: 1, ...ended, isIdle: true }));
  }
}

/** Lets the pause pass after which a row is sent again: 15 seconds at most, however long the outage. */
async function passPause(gate: Gate): Promise<void> {
  await runInDurableObject(gate, (_object, { storage }) => {
    const { longest } = storage.sql.exec<{ longest: number }>('SELECT max(due_at) AS longest FROM outbox').one();
    expect(longest - Date.now()).toBeLessThanOrEqual(15_000);
    storage.sql.exec('UPDATE outbox SET due_at = 1');
  });
  await runDurableObjectAlarm(gate);
}

describe('F14: the queue is away', () => {
  it.each([
    ['refuses messages', away],
    ['loses messages that it took', async () => {}],
  ])('and %s: requests are served and kept, and recorded once when it is back', async (_name, sendBatch) => {
    const to = await mintGateTenant();
    await replaceQueue(to.gate, sendBatch);
    await settleRequests(to, 5);
    for (let pause = 0; pause < 5; pause++) await passPause(to.gate); // of 5, 10, 15, 15 and 15 s: 60 s
    expect(await recordedOf(to.tenant)).toBe(0);
    const kept = await to.gate.standing();
    expect(kept.unrecorded.count).toBe(5);

    await replaceQueue(to.gate, (messages) => queue.sendBatch(messages));
    await passPause(to.gate);
    expect(
      await eventually(
        () => recordedOf(to.tenant),
        (count) => count === 5,
      ),
    ).toBe(5);
    expect(
      await eventually(
        () => countOf(to.gate, 'outbox'),
        (count) => count === 0,
      ),
    ).toBe(0);
    expect((await to.gate.standing()).unrecorded.count).toBe(0);
  });

  it('control: rows that left with their message would be gone', async () => {
    const to = await mintGateTenant();
    await replaceQueue(to.gate, async (messages, object) => {
      await object.confirm(messages.flatMap(({ body }) => body.rows.map(({ sequence }) => sequence)));
    });
    await settleRequests(to, 2);
    await passPause(to.gate);
    await replaceQueue(to.gate, (messages) => queue.sendBatch(messages));
    await runDurableObjectAlarm(to.gate);
    expect(await countOf(to.gate, 'outbox')).toBe(0);
    expect(await recordedOf(to.tenant)).toBe(0);
  });
});

it('the gate is away: a request that needs it answers 503, reaches no provider and is not billed', async () => {
  const tenant = await mintTenant();
  expect((await isolate({})('POST', '/v1/orchestrate', tenant, ASK)).status).toBe(200);
  let calls = 0;
  const send = isolate({}, (ports) => ({
    fetch: (...request: Parameters<GatewayPorts['fetch']>) => {
      calls += 1;
      return ports.fetch(...request);
    },
    gate: () => ({ ...tenantGate(testEnv, tenant.tenantId), snapshot: away, hold: away, sync: away }),
    apiKeys: new ApiKeyDirectory(testEnv.API_KEY_PEPPER, unreachableTenants(ports.now), ports.now),
  }));
  await expectUnavailable(await send('POST', '/v1/orchestrate', tenant, ASK));
  expect(calls).toBe(0);
  expect((await isolate({})('POST', '/v1/orchestrate', tenant, ASK)).status).toBe(200);
});

it('the vault is away: what an isolate has not opened cannot be used, answers 503 and is not billed', async () => {
  const tenant = await mintTenant();
  const vault = { ...testEnv.VAULT, open: away, ping: away };
  const send = isolate({}, ({ now }) => ({ vault, credentials: new CredentialCache(vault, now) }));
  await expectUnavailable(await send('POST', '/v1/orchestrate', tenant, ASK));
  const rows = () =>
    ownerSql()`select status, cost_usd::float8 as cost from requests where tenant_id = ${tenant.tenantId}`;
  const recorded = await eventually(rows, ({ length }) => length === 1);
  expect(recorded).toEqual([{ status: 'failed', cost: 0 }]);
});

it('F14: the KMS is away for a minute: nothing fails open, 503 with Retry-After, and it serves again without a restart', async () => {
  const tenant = await mintTenant({ scopes: ['orchestrate:invoke', 'providers:write'] });
  const { box, clock, kms } = await vaultIsolate();
  let calls = 0;
  const send = isolate({}, (ports) => ({
    vault: { ...testEnv.VAULT, open: (...asked) => box.open(...asked), seal: (...asked) => box.seal(...asked) },
    credentials: new CredentialCache(box, () => clock.now),
    fetch: (...request: Parameters<GatewayPorts['fetch']>) => {
      calls += 1;
      return ports.fetch(...request);
    },
  }));
  const ask = () => send('POST', '/v1/orchestrate', tenant, ASK);
  const keep = (name: string) => send('POST', '/v1/secrets', tenant, { name, value: 'a secret' });
  expect((await ask()).status).toBe(200);
  kms.refusal = 'unavailable';
  clock.now += TENANT_KEY_MAX_AGE_MS + 1;
  calls = 0;
  for (let seconds = 0; seconds <= 60; seconds += 15) {
    await expectUnavailable(await ask());
    await expectUnavailable(await keep('kept'));
    clock.now += 15_000;
  }
  expect(calls).toBe(0);
  expect(await ownerSql()`select 1 from secrets where tenant_id = ${tenant.tenantId}`).toEqual([]);
  kms.refusal = null;
  expect((await ask()).status).toBe(200);
  expect((await keep('kept')).status).toBe(201);
});
