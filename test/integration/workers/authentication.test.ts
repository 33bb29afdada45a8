import { describe, expect, it, vi } from 'vitest';
import { mintApiKey } from '../../../shared/auth/api-key.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { addMember, mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';

/** Every tenant-scoped route, called validly but for what the headers say. */
const ROUTES: [string, (headers: Record<string, string>) => Promise<Response>][] = [
  ['POST /v1/orchestrate', (headers) => orchestrate(headers, { input: 'hello' })],
  ['GET /v1/metrics/usage', (headers) => call('GET', '/v1/metrics/usage', { headers })],
];

async function expectProblem(response: Response, status: number, code: string): Promise<void> {
  const body = await response.json<Record<string, unknown>>();
  expect({ status: response.status, code: body.code }).toEqual({ status, code });
  expect(body.instance).toBe(response.headers.get('x-request-id'));
  expect(response.headers.get('content-type')).toBe('application/problem+json');
}

describe.each(ROUTES)('%s', (_name, send) => {
  it('serves its own tenant’s key', async () => {
    expect((await send((await mintTenant()).headers)).status).toBe(200);
  });

  it('answers 400 without a tenant or with one that is no UUID, whatever the credential', async () => {
    const { headers } = await mintTenant();
    const { 'x-tenant-id': _, ...rest } = headers;
    await expectProblem(await send(rest), 400, 'tenant_header_missing');
    await expectProblem(await send({ ...headers, 'x-tenant-id': 'acme' }), 400, 'tenant_header_invalid');
  });

  it('answers 401 without a credential, and to a key that is mistyped, unknown or of a tenant that does not exist', async () => {
    const tenant = await mintTenant();
    const { 'x-api-key': key = '', ...rest } = tenant.headers;
    const withKey = (other: string) => send({ ...rest, 'x-api-key': other });
    await expectProblem(await send(rest), 401, 'unauthenticated');
    await expectProblem(await withKey('nonsense'), 401, 'unauthenticated');
    await expectProblem(await withKey(key.slice(0, -1) + (key.endsWith('0') ? '1' : '0')), 401, 'unauthenticated');
    const claims = { region: 'eu', environment: 'dev' } as const;
    await expectProblem(
      await withKey(mintApiKey({ ...claims, tenantId: tenant.tenantId }).key),
      401,
      'unauthenticated',
    );
    const nobody = crypto.randomUUID();
    await expectProblem(await withKey(mintApiKey({ ...claims, tenantId: nobody }).key), 401, 'unauthenticated');
  });

  it('answers 403 to another tenant’s id, environment, or without the permission', async () => {
    const [tenant, other] = [await mintTenant(), await mintTenant({ scopes: ['audit:read'] })];
    await expectProblem(await send({ ...tenant.headers, 'x-tenant-id': other.tenantId }), 403, 'tenant_mismatch');
    const environment = { ...tenant.headers, 'x-env-id': other.environmentId };
    await expectProblem(await send(environment), 403, 'environment_mismatch');
    await expectProblem(await send(other.headers), 403, 'permission_denied');
  });

  it('answers 421 to a key of another region, with the URL to call', async () => {
    const tenant = await mintTenant({ region: 'us' });
    const response = await send(tenant.headers);
    expect(await response.clone().text()).toContain('https://us.api.eufm.example');
    await expectProblem(response, 421, 'wrong_region');
  });

  it('answers 403 to a suspended tenant', async () => {
    const tenant = await mintTenant();
    await ownerSql()`update tenants set status = 'suspended' where id = ${tenant.tenantId}`;
    await expectProblem(await send(tenant.headers), 403, 'tenant_suspended');
  });
});

describe('access tokens', () => {
  const asMember = (tenant: TestTenant, token = testEnv.MEMBER_TOKEN) =>
    call('GET', '/v1/metrics/usage', { headers: { authorization: `Bearer ${token}`, 'x-tenant-id': tenant.tenantId } });

  it('serve a member with the permissions of their role', async () => {
    const tenant = await mintTenant();
    await addMember(tenant, 'admin');
    expect((await asMember(tenant)).status).toBe(200);
  });

  it('are refused for a tenant that their subject is no member of', async () => {
    await expectProblem(await asMember(await mintTenant()), 403, 'tenant_mismatch');
  });

  it('are refused when altered, unsigned, or not tokens at all', async () => {
    const tenant = await mintTenant();
    await addMember(tenant, 'admin');
    const [head = '', body = '', signature = ''] = testEnv.MEMBER_TOKEN.split('.');
    const unsigned = btoa(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).replaceAll('=', '');
    for (const token of [
      `${head}.${body}.${signature.replace(/.$/, signature.endsWith('A') ? 'Q' : 'A').replace(/^./, 'x')}`,
      `${unsigned}.${body}.`,
      'abc',
    ]) {
      await expectProblem(await asMember(tenant, token), 401, 'unauthenticated');
    }
  });

  it('need an environment to spend in', async () => {
    const tenant = await mintTenant();
    await addMember(tenant, 'admin');
    const headers = {
      authorization: `Bearer ${testEnv.MEMBER_TOKEN}`,
      'x-tenant-id': tenant.tenantId,
      'content-type': 'application/json',
    };
    await expectProblem(await orchestrate(headers, { input: 'hello' }), 400, 'bad_request');
    const named = { ...headers, 'x-env-id': tenant.environmentId };
    expect((await orchestrate(named, { input: 'hello' })).status).toBe(200);
  });
});

describe('a tenant that nobody here has seen', () => {
  it('is read from Postgres once for a hundred requests that come at once', async () => {
    const tenant = await mintTenant();
    const reads = vi.spyOn(globalThis, 'fetch');
    const responses = await Promise.all(
      Array.from({ length: 100 }, () => orchestrate(tenant.headers, { input: 'hello' })),
    );
    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200));
    const sent = reads.mock.calls.map(([, init]) => String(init?.body ?? ''));
    reads.mockRestore();
    const isRead = (body: string) => body.includes('from \\"tenants\\"') && body.includes(tenant.tenantId);
    expect(sent.filter(isRead)).toHaveLength(1);
  });
});
