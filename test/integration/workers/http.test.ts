import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant } from '../../harness/mint-tenant.ts';

const fetchRaw = (path: string, init?: RequestInit) => exports.default.fetch(`https://gateway.test${path}`, init);

describe('the platform', () => {
  it('tells its build', async () => {
    const response = await call('GET', '/healthz');
    expect(await response.json()).toMatchObject({ status: 'ok', version: '0.0.0-test', commit: 'test', region: 'eu' });
  });

  it('tells each dependency and is ready', async () => {
    const response = await call('GET', '/readyz');
    expect(await response.json()).toMatchObject({
      status: 'ready',
      dependencies: {
        state: { state: 'up', required: true },
        vault: { state: 'up' },
        postgres: { state: 'up' },
        identity: { state: 'up' },
      },
    });
  });

  it('serves its description, and a reference page that may load nothing from outside', async () => {
    expect(await (await fetchRaw('/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' });
    const page = await fetchRaw('/docs');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    expect(await page.text()).not.toMatch(/(src|href)="(?!\/docs\/|data:)/);
  });
});

describe('requests that no route takes', () => {
  it.each([
    ['GET', '/nothing', 404, 'not_found'],
    ['GET', '/v1/nothing', 404, 'not_found'],
    ['GET', '/v1/orchestrate', 405, 'method_not_allowed'],
    ['DELETE', '/healthz', 405, 'method_not_allowed'],
  ])('%s %s is a problem of status %i', async (method, path, status, code) => {
    const response = await fetchRaw(path, { method });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ status, code, instance: response.headers.get('x-request-id') });
  });

  it('405 says what the resource takes', async () => {
    expect((await fetchRaw('/v1/orchestrate')).headers.get('allow')).toBe('POST');
  });
});

describe('every answer', () => {
  it('carries an id, a trace and security headers', async () => {
    const { headers } = await fetchRaw('/healthz');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toContain('max-age=');
  });

  it('allows the origins that are configured, and no other', async () => {
    const origin = async (name: string) =>
      (await fetchRaw('/healthz', { headers: { origin: name } })).headers.get('access-control-allow-origin');
    expect(await origin('https://console.eufm.example')).toBe('https://console.eufm.example');
    expect(await origin('https://evil.example')).toBeNull();
    const preflight = await fetchRaw('/v1/orchestrate', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://console.eufm.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-api-key',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('x-api-key');
  });
});

describe('bodies', () => {
  it.each([
    ['another media type', { 'content-type': 'text/plain' }, '{"input":"hi"}', 415, 'unsupported_media_type'],
    ['a compressed body', { 'content-encoding': 'gzip' }, '{"input":"hi"}', 415, 'unsupported_media_type'],
    ['broken JSON', {}, '{"input":', 400, 'invalid_json'],
    [
      'nesting beyond 32',
      {},
      `{"input":"hi","metadata":${'{"a":'.repeat(32)}1${'}'.repeat(32)}}`,
      400,
      'body_too_complex',
    ],
    ['a body beyond 10 MiB', {}, JSON.stringify({ input: 'x'.repeat(10 * 1024 * 1024) }), 413, 'body_too_large'],
  ])('%s is refused with its own status', async (_name, more, body, status, code) => {
    const { headers } = await mintTenant();
    const response = await orchestrate({ ...headers, ...more }, body);
    expect(await response.json()).toMatchObject({ status, code });
  });

  it('are not read before the caller is known', async () => {
    const { headers } = await mintTenant();
    const response = await orchestrate({ ...headers, 'x-api-key': 'nonsense' }, 'x'.repeat(11 * 1024 * 1024));
    expect(response.status).toBe(401);
  });
});
