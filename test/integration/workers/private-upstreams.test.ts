import { createExecutionContext } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PERMISSIONS } from '../../../shared/auth/permissions.ts';
import type { Problem } from '../../../shared/contracts/http/problem.ts';
import { createApp } from '../../../workers/gateway/app.ts';
import { createPorts } from '../../../workers/gateway/create-ports.ts';
import { mintTenant, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { loopbackUrls, privateUrls } from '../../harness/private-urls.ts';

const PORT = Number(new URL(testEnv.SCRIPTED_PROVIDER_URL).port);
const ASK = { input: 'hello', providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }] };

afterEach(() => {
  vi.restoreAllMocks();
});

/** A gateway as it is deployed, or as in development; and where it has called to, but for its database. */
function gateway(ALLOW_PRIVATE_UPSTREAMS: 'true' | 'false') {
  const ports = createPorts({ ...testEnv, ALLOW_PRIVATE_UPSTREAMS });
  const app = createApp(() => ports);
  const called: string[] = [];
  const send = globalThis.fetch;
  vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (!url.startsWith(testEnv.NEON_ENDPOINT)) called.push(url);
    return send(input, init);
  });
  const ask = async ({ headers }: TestTenant, path: string, body: object) => {
    const request = new Request(`https://gateway.test${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const response = await app.fetch(request, testEnv, createExecutionContext());
    return { status: response.status, problem: await response.json<Problem>() };
  };
  return { ask, called, ports };
}

const callsOf = async (id: string): Promise<number> => {
  const response = await fetch(`${testEnv.SCRIPTED_PROVIDER_URL}/control/call/${id}`);
  return (await response.json<{ count: number }>()).count;
};

describe('I6: a gateway as it is deployed', () => {
  it('saves no identity provider at any private URL, and calls none', async () => {
    const tenant = await mintTenant({ scopes: PERMISSIONS });
    const { ask, called } = gateway('false');
    for (const issuer of privateUrls(PORT)) {
      const { status, problem } = await ask(tenant, '/v1/identity-providers', { name: 'a', issuer, clientId: 'a' });
      expect([issuer, status, problem.errors?.map(({ pointer }) => pointer)]).toEqual([issuer, 400, ['/issuer']]);
    }
    expect(called).toEqual([]);
  });

  it('saves no destination of checkpoints at any private URL, webhook or bucket', async () => {
    const tenant = await mintTenant({ scopes: PERMISSIONS });
    const { ask, called } = gateway('false');
    const bucket = { bucket: 'probe', region: 'auto', accessKeyId: 'a', secretAccessKey: 'a' };
    for (const url of privateUrls(PORT)) {
      for (const kind of [{ kind: 'webhook' }, { kind: 's3', ...bucket }]) {
        const { status, problem } = await ask(tenant, '/v1/audit-log-destinations', { ...kind, name: 'a', url });
        expect([url, status, problem.errors?.map(({ pointer }) => pointer)]).toEqual([url, 400, ['/url']]);
      }
    }
    expect(called).toEqual([]);
  });

  it('sends to no private URL, however it came into an account', async () => {
    const { ask, called, ports } = gateway('false');
    for (const url of privateUrls(PORT)) await expect(ports.fetch(url), url).rejects.toThrow('the URL must');
    const bases = [
      'http://127.0.0.1',
      'https://2130706433',
      'https://[::ffff:127.0.0.1]',
      'https://localhost',
      'https://a@b.example',
    ];
    for (const base of bases) {
      const tenant = await mintTenant({ providerUrl: `${base}:${PORT}` });
      const { status, problem } = await ask(tenant, '/v1/orchestrate', ASK);
      expect([base, status, problem.code]).toEqual([base, 502, 'provider_auth_failed']);
      expect(JSON.stringify(problem)).not.toContain(String(PORT));
    }
    expect(called).toEqual([]);
  });
});

describe('I6 control: a gateway of a development', () => {
  it('reaches the listener by every spelling that the other one refuses', async () => {
    const { called, ports } = gateway('true');
    const urls = loopbackUrls(PORT).filter((url) => new URL(url).hostname === '127.0.0.1');
    for (const url of urls) {
      const id = crypto.randomUUID();
      const target = new URL(`/control/call/${id}`, url).href;
      expect([url, (await ports.fetch(target)).status]).toEqual([url, 200]);
    }
    expect(called).toHaveLength(urls.length);
    expect(urls.length).toBeGreaterThan(25);
  });

  it('and calls an account there', async () => {
    const id = crypto.randomUUID();
    const tenant = await mintTenant({ providerUrl: `http://2130706433:${PORT}/silent-answer~${id}` });
    const { ask } = gateway('true');
    expect((await ask(tenant, '/v1/orchestrate', ASK)).status).toBe(200);
    expect(await callsOf(id)).toBe(1);
  });
});

describe('I6: a redirect', () => {
  it('of a provider is not followed, and is a failure of its', async () => {
    const id = crypto.randomUUID();
    const tenant = await mintTenant({ providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/redirect~${id}` });
    const { ask } = gateway('true');
    const { status, problem } = await ask(tenant, '/v1/orchestrate', ASK);
    expect([status, problem.code]).toEqual([502, 'provider_failed']);
    expect(await callsOf(id)).toBe(1);
  });

  it('control: whoever follows it arrives', async () => {
    const id = crypto.randomUUID();
    const url = `${testEnv.SCRIPTED_PROVIDER_URL}/redirect~${id}/v1/chat/completions`;
    const response = await fetch(url, { method: 'POST', body: '{}' });
    expect([response.status, await callsOf(id)]).toEqual([200, 2]);
  });
});
