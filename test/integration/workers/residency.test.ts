import { createExecutionContext } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import type { ProviderAccount } from '../../../shared/contracts/http/providers.ts';
import type { RequestDetail } from '../../../shared/contracts/http/requests.ts';
import type { ResidencyPolicy } from '../../../shared/contracts/http/residency-policies.ts';
import type { ResidencyReport } from '../../../shared/contracts/http/residency-report.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { createApp } from '../../../workers/gateway/app.ts';
import { createPorts } from '../../../workers/gateway/create-ports.ts';
import { EventReader, terminalOf } from '../../harness/event-stream.ts';
import { eventually } from '../../harness/eventually.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, ownerSql, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { readAll, record } from '../../harness/recorded-tenant.ts';
import { done, refused, send } from '../../harness/send.ts';

const ALL = ['orchestrate:invoke', 'usage:read', 'audit:read'].concat(
  ['policies', 'providers'].flatMap((resource) => [`${resource}:read`, `${resource}:write`]),
);
const POLICIES = '/v1/residency/policies';
const NOBODYS = '00000000-0000-4000-8000-0000000000ff';
const CONTENT = 'Frau Lehmann, Befund positiv';
const CHAT = { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: CONTENT }] };

/** Every route that sends content to a provider. */
const SENDING: readonly (readonly [path: string, body: object])[] = [
  ['/v1/orchestrate', { input: CONTENT }],
  ['/v1/orchestrate', { input: CONTENT, stream: true }],
  ['/v1/chat/completions', CHAT],
  ['/v1/chat/completions', { ...CHAT, stream: true }],
  ['/v1/completions', { model: 'openai/gpt-3.5-turbo-instruct', prompt: CONTENT }],
  ['/v1/embeddings', { model: 'openai/text-embedding-3-small', input: CONTENT }],
  ['/v1/responses', { model: CHAT.model, input: CONTENT }],
  ['/v1/messages', { ...CHAT, max_tokens: 5 }],
  ['/v1/messages/count_tokens', CHAT],
];

const mint = () => mintTenant({ scopes: ALL });
const impose = ({ headers }: TestTenant, policy: object = {}) =>
  done<ResidencyPolicy>(headers, 'POST', POLICIES, { region: 'eu', ...policy });
const report = ({ headers }: TestTenant, query = '') =>
  done<ResidencyReport>(headers, 'GET', `/v1/residency/report${query}`);

/** Has the tenant's account say where its server is; credentials are given anew with it. */
async function declare({ headers }: TestTenant, region: 'eu' | 'us' | null): Promise<ProviderAccount> {
  const [account] = (await done<{ data: ProviderAccount[] }>(headers, 'GET', '/v1/providers')).data;
  const change = { credentials: { apiKey: 'sk-of-the-test-tenant' }, baseUrl: `${testEnv.PROVIDER_URL}/v1`, region };
  return await done<ProviderAccount>(headers, 'POST', `/v1/providers/${account?.id}/rotate`, change);
}

const codeIn = async (response: Response): Promise<string> => {
  const text = await response.text();
  return /residency_refused|residency policy/.exec(text) ? 'residency_refused' : text;
};

describe('a residency policy', () => {
  it('is made, changed and removed, each with an audit entry that says where it was done', async () => {
    const tenant = await mint();
    const { headers } = tenant;
    const made = await impose(tenant);
    expect(made).toMatchObject({ region: 'eu', enforced: true, minimumGuarantee: 'declared' });
    const path = `${POLICIES}/${made.id}`;
    const change = { enforced: false, minimumGuarantee: 'documented' };
    expect(await done(headers, 'PATCH', path, change)).toEqual({ ...made, ...change });
    expect(await done(headers, 'GET', path)).toEqual({ ...made, ...change });
    expect(await done(headers, 'GET', POLICIES)).toEqual({ data: [{ ...made, ...change }], nextCursor: null });
    expect((await send(headers, 'DELETE', path)).status).toBe(204);
    expect(await refused(headers, 'GET', path)).toMatchObject({ status: 404 });
    const rows = await ownerSql()`select action, metadata from audit_logs
      where tenant_id = ${tenant.tenantId} and target_type = 'residency_policy' order by created_at, id`;
    expect(rows.map(({ action }) => action)).toEqual(
      ['created', 'updated', 'deleted'].map((verb) => `residency_policy.${verb}`),
    );
    for (const { metadata } of rows) expect(metadata.servedAt).toMatchObject({ jurisdiction: null });
  });

  it('is one for each region, and nobody else’s', async () => {
    const [tenant, other] = [await mint(), await mint()];
    const { id } = await impose(tenant);
    const again = await refused(tenant.headers, 'POST', POLICIES, { region: 'eu' });
    expect(again).toMatchObject({ status: 409, code: 'already_exists', errors: [{ pointer: '/region' }] });
    for (const [method, body] of [['GET'], ['DELETE'], ['PATCH', { enforced: false }]] as const) {
      const theirs = await refused(other.headers, method, `${POLICIES}/${id}`, body);
      expect(theirs).toEqual(await refused(other.headers, method, `${POLICIES}/${NOBODYS}`, body));
    }
  });
});

describe('a provider account', () => {
  it('names a region that is true, or declares that of its own server', async () => {
    const tenant = await mint();
    const declared = await declare(tenant, 'us');
    expect(declared).toMatchObject({ region: 'us', endpoint: { region: 'us', guarantee: 'declared', evidence: null } });
    const account = (provider: string, more: object) => ({
      ...{ provider, accountLabel: crypto.randomUUID(), credentials: { apiKey: 'sk-probe' } },
      ...more,
    });
    const create = (provider: string, more: object) =>
      done<ProviderAccount>(tenant.headers, 'POST', '/v1/providers', account(provider, more));
    expect((await create('mistral', { region: 'eu' })).endpoint).toMatchObject({
      ...{ region: 'eu', guarantee: 'documented', evidence: expect.stringContaining('docs.mistral.ai') },
    });
    expect((await create('mistral', {})).endpoint).toMatchObject({ region: null, guarantee: 'none' });
    for (const [provider, more] of [
      ['perplexity', { region: 'eu' }],
      ['anthropic', { region: 'eu' }],
      ['openai', { region: 'eu', baseUrl: 'https://api.openai.com/v1' }],
      ['openai', { region: 'eu', baseUrl: 'https://us.api.openai.com/v1' }],
    ] as const) {
      const problem = await refused(tenant.headers, 'POST', '/v1/providers', account(provider, more));
      expect(problem).toMatchObject({ status: 400, errors: [{ pointer: '/region' }] });
    }
  });
});

describe('content under an enforced policy', () => {
  it.each(SENDING)('reaches no provider outside by %s %o, and one inside, whatever that says', async (path, body) => {
    const tenant = await mint();
    const text = JSON.stringify(body);
    await impose(tenant);
    const kept = await call('POST', path, { headers: tenant.headers, body: text });
    expect([kept.status, await codeIn(kept)]).toEqual([403, 'residency_refused']);
    expect(await ownerSql()`select id from requests where tenant_id = ${tenant.tenantId}`).toEqual([]);
    await declare(tenant, 'eu');
    const served = await call('POST', path, { headers: tenant.headers, body: text });
    expect(await codeIn(served)).not.toBe('residency_refused');
    expect(served.status).not.toBe(403);
  });

  it('is not even read where no account conforms', async () => {
    const tenant = await mint();
    const pour = async () => {
      const ports = createPorts(testEnv);
      const app = createApp(() => ports);
      let taken = 0;
      const chunk = new TextEncoder().encode('{"input":"hello"} ');
      const body = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            taken += chunk.length;
            controller.enqueue(chunk);
            if (taken > chunk.length) controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      const request = new Request('https://gateway.test/v1/orchestrate', {
        method: 'POST',
        headers: tenant.headers,
        body,
      });
      const { status } = await app.fetch(request, testEnv, createExecutionContext());
      return { status, taken };
    };
    await impose(tenant);
    expect(await pour()).toEqual({ status: 403, taken: 0 });
    await declare(tenant, 'eu');
    expect((await pour()).taken).toBeGreaterThan(0); // the control: it can tell
  });

  it('is recorded with where it was served, and told in the answer and in a stream’s last event', async () => {
    const tenant = await mint();
    await impose(tenant);
    await declare(tenant, 'eu');
    const expected = { jurisdiction: null, endpointRegion: 'eu', guarantee: 'declared', residency: 'inside' };
    const answered = await orchestrate(tenant.headers, { input: CONTENT });
    const { requestId, location } = await answered.json<OrchestrateResponse>();
    expect(location).toMatchObject(expected);
    const streamed = await orchestrate(tenant.headers, { input: CONTENT, stream: true });
    const { data } = terminalOf(await new EventReader(streamed).rest());
    expect(JSON.stringify(data)).toContain('"endpointRegion":"eu","guarantee":"declared","residency":"inside"');
    const path = `/v1/requests/${requestId}`;
    const read = await eventually(
      () => send(tenant.headers, 'GET', path),
      ({ ok }) => ok,
    );
    expect((await read.json<RequestDetail>()).location).toEqual(location);
  });

  it('of a policy that is only reported goes on, and is recorded as outside', async () => {
    const tenant = await mint();
    await impose(tenant, { enforced: false });
    const { requestId, location } = await (
      await orchestrate(tenant.headers, { input: CONTENT })
    ).json<OrchestrateResponse>();
    expect(location).toMatchObject({ endpointRegion: null, guarantee: 'none', residency: 'outside' });
    const found = await eventually(
      () => report(tenant),
      ({ outside, calls }) => outside.length > 0 && calls?.length === 1,
    );
    expect(found.outside).toMatchObject([{ requestId, provider: 'openai', endpointRegion: null, guarantee: 'none' }]);
    expect(found.calls).toMatchObject([{ provider: 'openai', residency: 'outside', calls: 1 }]);
  });

  it('stays where it is when TenantGate has a configuration of an earlier release (F14)', async () => {
    const tenant = await mint();
    await impose(tenant);
    const gate = tenantGate(testEnv, tenant.tenantId);
    const known = await gate.snapshot(-1);
    if (known.state !== 'newer') throw new Error('nothing was published');
    const { residencyPolicies, ...unread } = structuredClone(known.snapshot) as TenantSnapshot;
    expect(residencyPolicies).toHaveLength(1);
    await ownerSql()`update tenants set config_version = config_version + 1 where id = ${tenant.tenantId}`;
    await gate.publish({ ...unread, configVersion: unread.configVersion + 1 } as TenantSnapshot);
    const ports = createPorts(testEnv);
    const isolate = createApp(() => ports);
    const body = JSON.stringify({ input: CONTENT });
    const request = new Request('https://gateway.test/v1/orchestrate', {
      method: 'POST',
      headers: tenant.headers,
      body,
    });
    const kept = await isolate.fetch(request, testEnv, createExecutionContext());
    expect([kept.status, await codeIn(kept)]).toEqual([403, 'residency_refused']);
    const repaired = await gate.snapshot(-1);
    expect(repaired).toMatchObject({ snapshot: { residencyPolicies: [{ region: 'eu' }] } });
  });
});

describe('GET /v1/residency/report', () => {
  const NOON = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 43_200_000;
  const at = (hour: number) => NOON + hour * 3_600_000;
  const inside = { endpointRegion: 'eu', guarantee: 'documented', residency: 'inside' } as const;
  const outside = { endpointRegion: null, guarantee: 'none', residency: 'outside' } as const;
  const served = { colo: 'FRA', jurisdiction: 'eu' } as const;
  const period = `?from=${new Date(at(0)).toISOString()}&to=${new Date(at(6)).toISOString()}`;

  it('counts every call once, by where it went, and names each request that went outside', async () => {
    const tenant = await mint();
    await impose(tenant, { enforced: false });
    const attempt = { provider: 'openai', model: 'm', startedAt: at(3), endedAt: at(3), status: 'failed' } as const;
    const failed = (endpoint: object, more: object = {}) =>
      ({ ...attempt, errorCode: 'x', endpoint, ...more }) as never;
    const billed = crypto.randomUUID();
    const recorded = await record(tenant, [
      ...[1, 2, 3].map((hour) => ({ startedAt: at(hour), location: { ...served, ...inside } })),
      ...[1, 2, 3, 4].map((hour) => ({ startedAt: at(hour), location: { ...served, colo: 'IAD', ...outside } })),
      { startedAt: at(2) }, // of an earlier release
      { startedAt: at(7), location: { ...served, ...outside } }, // after the period
      {
        startedAt: at(5),
        location: { ...served, ...inside, residency: 'outside' },
        attempts: [failed(outside), failed(outside, { requestId: billed }), failed(inside), failed(inside)],
      },
    ]);
    const found = await report(tenant, period);
    const key = ({
      endpointRegion,
      guarantee,
      residency,
      colo,
      jurisdiction,
      calls,
    }: NonNullable<ResidencyReport['calls']>[number]) =>
      [endpointRegion, guarantee, residency, jurisdiction, colo, calls].join(' ');
    expect(new Set(found.calls?.map(key))).toEqual(
      new Set(['eu documented inside eu FRA 5', ' none outside eu IAD 4', '     1']),
    );
    const names = recorded.filter(({ location, startedAt }) => location?.residency === 'outside' && startedAt < at(6));
    expect(names).toHaveLength(5);
    for (const limit of [1, 2, 500]) {
      const pages: string[] = [];
      let cursor = '';
      do {
        const page = await report(tenant, `${period}&limit=${limit}${cursor && `&cursor=${cursor}`}`);
        expect(page.calls === null).toBe(cursor !== '');
        pages.push(...page.outside.map(({ requestId }) => requestId));
        cursor = page.nextCursor ?? '';
      } while (cursor !== '');
      expect(pages).toEqual(
        names.toSorted((one, other) => other.startedAt - one.startedAt).map(({ requestId }) => requestId),
      );
    }
  });

  it('tells what was refused, from the audit log', async () => {
    const tenant = await mint();
    await impose(tenant);
    for (let times = 0; times < 3; times++) await (await orchestrate(tenant.headers, { input: CONTENT })).text();
    const found = await eventually(
      () => report(tenant),
      ({ refusals }) => (refusals?.length ?? 0) > 0,
    );
    expect(found).toMatchObject({ calls: [], outside: [], policies: [{ region: 'eu', enforced: true }] });
    expect(found.refusals).toMatchObject([{ route: 'POST /v1/orchestrate', count: 3 }]);
    const [entry] = await readAll<{ metadata: object }>(tenant, '/v1/audit-logs?action=access.denied');
    expect(entry?.metadata).toMatchObject({ reason: 'residency_refused', servedAt: { jurisdiction: null } });
  });

  it.each([
    ['?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z', '/from'],
    ['?from=2026-03-01T00:00:00Z&to=2026-01-01T00:00:00Z', '/from'],
    ['?cursor=nothing', '/cursor'],
  ])('refuses %s', async (query, pointer) => {
    const { headers } = await mint();
    const problem = await refused(headers, 'GET', `/v1/residency/report${query}`);
    expect(problem).toMatchObject({ status: 400, errors: [{ pointer }] });
  });
});
