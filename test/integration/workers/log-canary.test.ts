import { createExecutionContext } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PERMISSIONS } from '../../../shared/auth/permissions.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { createApp } from '../../../workers/gateway/app.ts';
import { createPorts } from '../../../workers/gateway/create-ports.ts';
import type { GatewayPorts } from '../../../workers/gateway/ports.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';

const SECRETS = 40;
/** Joined here, so that no file holds anything that looks like a secret. */
const word = () => crypto.randomUUID().replaceAll('-', '');
const KINDS: readonly (readonly [string, () => string])[] = [
  ['our key', () => ['eufm', 'eu', 'dev', word() + word()].join('_')],
  ['an invitation', () => ['eufm', 'invitation', word().slice(10), word()].join('_')],
  ['a signing secret', () => ['whsec', `${word()}+/=`].join('_')],
  ['a vendor key', () => ['sk', `proj-${word()}`].join('-')],
  ['another vendor key', () => `AIza${word()}`],
  ['a signed token', () => ['eyJhbGciOiJub25lIn0', `eyJz${word()}`, word()].join('.')],
  ['a session', () => `session${word()}`],
  ['a card', () => `4111-1111-${word().slice(0, 4)}-${word().slice(0, 12)}`],
  ['a prompt', () => `my diagnosis is ${word()}`],
  ['a database password', () => `postgres://owner:${word()}@db.example/app`],
];

afterEach(() => {
  vi.restoreAllMocks();
});

/** A gateway that logs everything, and all that leaves it but its answers: lines of the log, and spans. */
function listen(change: (ports: GatewayPorts) => Partial<GatewayPorts> = () => ({})) {
  const heard: string[] = [];
  for (const level of ['debug', 'log', 'info', 'warn', 'error', 'trace'] as const)
    vi.spyOn(console, level).mockImplementation((...parts) => {
      heard.push(parts.map((part) => (part instanceof Error ? `${part.stack}` : String(part))).join(' '));
    });
  const own = createPorts({ ...testEnv, LOG_LEVEL: 'debug' });
  const spans: GatewayPorts['spans'] = {
    run: async (name, attributes, work) => {
      heard.push(JSON.stringify({ name, attributes }));
      return await work();
    },
  };
  const ports = { ...own, spans, ...change(own) };
  const app = createApp(() => ports);
  const errors: string[] = [];
  const ask = async (method: string, path: string, headers: Record<string, string>, body?: string) => {
    const init = { method, headers, ...(body !== undefined && { body }) };
    const request = new Request(`https://gateway.test${path}`, init);
    const response = await app.fetch(request, testEnv, createExecutionContext());
    const text = await response.text();
    if (!response.ok) errors.push(text);
    return response.status;
  };
  return { heard, errors, ask };
}

const auditOf = async ({ tenantId }: TestTenant): Promise<string> =>
  JSON.stringify(await ownerSql()`select * from audit_logs where tenant_id = ${tenantId}`);

/** The secrets that stand somewhere. */
const found = (secrets: readonly (readonly [string, string])[], places: readonly string[]) =>
  secrets.filter(([, secret]) => places.some((place) => place.includes(secret))).map(([kind]) => kind);

const chat = (secret: string) => JSON.stringify({ input: secret, metadata: { note: secret } });

/** What a tenant entrusts to the platform, by every route that seals what it is given; some of it is refused. */
const entrusted = (secret: string): [path: string, body: object][] => {
  const bucket = { kind: 's3', url: 'https://s3.example', bucket: 'probe', region: 'auto', accessKeyId: 'a' };
  return [
    ['/v1/secrets', { name: word(), value: secret }],
    ['/v1/providers', { provider: 'openai', accountLabel: word(), credentials: { apiKey: secret } }],
    ['/v1/providers', { provider: 'openai', accountLabel: word(), credentials: { apiKey: secret, other: secret } }],
    ['/v1/audit-log-destinations', { ...bucket, name: word(), secretAccessKey: secret }],
  ];
};

describe('I8: forty secrets', () => {
  const secrets = Array.from({ length: SECRETS }, (_, at) => {
    const [kind, make] = KINDS[at % KINDS.length] ?? ['', word];
    return [kind, make()] as const;
  });

  it('go through successes, errors and crashes, and stand in no log, span, audit row or error', async () => {
    const [tenant, keeper] = [await mintTenant({ scopes: PERMISSIONS }), await mintTenant({ scopes: PERMISSIONS })];
    const { heard, errors, ask } = listen();
    const statuses = new Set<number>();
    for (const [, secret] of secrets) {
      const credential = { 'x-tenant-id': tenant.tenantId, 'content-type': 'application/json' };
      const hidden = {
        cookie: `__Host-session=${secret}`,
        'x-note': secret,
        'user-agent': 'canary',
        'x-request-id': secret,
      };
      statuses.add(await ask('POST', '/v1/orchestrate', { ...tenant.headers, ...hidden }, chat(secret)));
      statuses.add(await ask('POST', '/v1/orchestrate', tenant.headers, chat(`be overloaded ${secret}`)));
      statuses.add(await ask('POST', '/v1/orchestrate', tenant.headers, chat(`refuse the request ${secret}`)));
      statuses.add(await ask('POST', '/v1/orchestrate', tenant.headers, `{"input":"${secret}`));
      statuses.add(
        await ask('POST', '/v1/orchestrate', tenant.headers, JSON.stringify({ input: 1, taskType: secret })),
      );
      statuses.add(await ask('POST', '/v1/orchestrate', { ...credential, 'x-api-key': secret }, chat('hello')));
      statuses.add(await ask('GET', '/v1/budgets', { ...credential, authorization: `Bearer ${secret}` }));
      statuses.add(await ask('GET', '/v1/me', { cookie: `__Host-session=${secret}` }));
      const provider = { name: `p${word()}`, issuer: testEnv.TENANT_ISSUER, clientId: 'eufm', clientSecret: secret };
      statuses.add(await ask('POST', '/v1/identity-providers', tenant.headers, JSON.stringify(provider)));
      for (const [path, body] of entrusted(secret))
        statuses.add(await ask('POST', path, keeper.headers, JSON.stringify(body)));
    }
    expect(statuses).toEqual(new Set([200, 201, 400, 401, 409, 503].filter((status) => statuses.has(status))));
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 503]));
    expect(heard.length).toBeGreaterThan(SECRETS * 8);
    expect(errors.length).toBeGreaterThan(SECRETS * 5);
    expect(found(secrets, [...heard, ...errors, await auditOf(tenant), await auditOf(keeper)])).toEqual([]);
  });

  it('nor where what the gateway depends on fails with them in its words', async () => {
    const tenant = await mintTenant({ scopes: PERMISSIONS });
    let secret = '';
    const fail = () => Promise.reject(new Error(`it failed at ${secret}`));
    const { heard, errors, ask } = listen(() => ({ fetch: fail, probes: { postgres: fail, identity: fail } }));
    const shaped = secrets.filter(([kind]) => !['a session', 'a card', 'a prompt'].includes(kind)); // the others have no shape
    for (const [, each] of shaped) {
      secret = each;
      await ask('POST', '/v1/orchestrate', tenant.headers, chat(secret));
      await ask('GET', '/readyz', {});
    }
    expect(heard.length).toBeGreaterThan(shaped.length);
    expect(found(secrets, errors)).toEqual([]);
    expect(found(shaped, [...heard, await auditOf(tenant)])).toEqual([]);
  });

  it('nor where the gateway itself crashes on a request that has them', async () => {
    const tenant = await mintTenant({ scopes: PERMISSIONS });
    const { heard, errors, ask } = listen(() => ({ sessions: Object.create(null) })); // so that its first use throws
    for (const [, secret] of secrets)
      await ask(
        'POST',
        '/v1/orchestrate',
        { ...tenant.headers, cookie: `a=${secret}`, 'x-note': secret },
        chat(secret),
      );
    expect(heard.length).toBeGreaterThan(0);
    expect(found(secrets, [...heard, ...errors, await auditOf(tenant)])).toEqual([]);
  });

  it('control: one that is logged, told or kept is heard', async () => {
    const [kind, secret] = ['a prompt', `my diagnosis is ${word()}`];
    const logger = () => createLogger({ service: 'gateway', level: 'debug', fields: { prompt: secret } });
    const { heard, errors, ask } = listen(() => ({ logger: logger() }));
    const tenant = await mintTenant({ scopes: PERMISSIONS });
    await ask('GET', '/healthz', {});
    expect(found([[kind, secret]], heard)).toEqual([kind]);
    await ask('POST', '/v1/budgets', tenant.headers, JSON.stringify({ name: secret, amountUsd: '1', period: 'day' }));
    expect(found([[kind, secret]], [await auditOf(tenant)])).toEqual([kind]);
    expect(errors).toEqual([]);
  });
});
