import { describe, expect, it } from 'vitest';
import type { ErrorsPeriod } from '../../../shared/contracts/http/error-metrics.ts';
import type { LatencyPeriod } from '../../../shared/contracts/http/latency-metrics.ts';
import type { Problem } from '../../../shared/contracts/http/problem.ts';
import type { RoutingPolicy } from '../../../shared/contracts/http/routing-policies.ts';
import type { UsagePeriod } from '../../../shared/contracts/http/usage-metrics.ts';
import { eventually } from '../../harness/eventually.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, type TestTenant } from '../../harness/mint-tenant.ts';
import { playUpstream } from '../../harness/played-upstream.ts';
import { read, record, type TestPage } from '../../harness/recorded-tenant.ts';
import { routingDecision } from '../../harness/request-events.ts';
import { done, send } from '../../harness/send.ts';

const DAY = 86_400_000;
/** The day before yesterday, at noon. */
const NOON = Math.floor(Date.now() / DAY) * DAY - 1.5 * DAY;
const RANGE = `from=${new Date(NOON - DAY).toISOString()}&to=${new Date(NOON + DAY).toISOString()}&granularity=day`;
const LARGE = { provider: 'openai', model: 'gpt-4o' };
const SMALL = { provider: 'openai', model: 'gpt-4o-mini' };
const DOLLAR = '1000000000000';

async function routedTenant() {
  const tenant = await mintTenant({ scopes: ['orchestrate:invoke', 'usage:read', 'policies:write'] });
  const policy = await done<RoutingPolicy>(tenant.headers, 'POST', '/v1/routing-policies', {
    ...{ name: 'cheap-first', strategy: { candidates: [{ ...LARGE, weight: 2 }, SMALL] } },
  });
  return { tenant, id: policy.id };
}

/** Three requests that a policy decided on, of which one fell back and one failed, one that fell back without, and one more. */
async function tenantWithRequests() {
  const { tenant, id } = await routedTenant();
  const failed = { status: 'failed', errorCode: 'provider_failed', usage: {}, costPicoUsd: '0' } as const;
  await record(tenant, [
    { startedAt: NOON, routing: routingDecision(id, 0) },
    { startedAt: NOON, routing: routingDecision(id, 1), costPicoUsd: DOLLAR, latencyMs: 2_000 },
    { startedAt: NOON, routing: routingDecision(id, 3), ...failed },
    { startedAt: NOON, routing: routingDecision(null, 2) },
    { startedAt: NOON },
  ]);
  return { tenant, id };
}

const metric = async <Item>(tenant: TestTenant, name: string, query: string) =>
  (await read<TestPage<Item>>(tenant, `/v1/metrics/${name}?${RANGE}&${query}`)).data;

describe('metrics by routing policy', () => {
  it('tell usage apart, with the policy’s name as long as it is there', async () => {
    const { tenant, id } = await tenantWithRequests();
    const requests = () => metric<UsagePeriod>(tenant, 'usage', 'groupBy=routingPolicy');
    const [without, by] = await requests();
    expect(without).toMatchObject({ value: 2, routingPolicyId: null });
    expect(without).not.toHaveProperty('routingPolicyName');
    expect(by).toMatchObject({ value: 3, routingPolicyId: id, routingPolicyName: 'cheap-first' });
    await send(tenant.headers, 'DELETE', `/v1/routing-policies/${id}`);
    const [, gone] = await requests();
    expect(gone).toMatchObject({ value: 3, routingPolicyId: id });
    expect(gone).not.toHaveProperty('routingPolicyName');
  });

  it('count the requests that another candidate served than the first, with what those cost', async () => {
    const { tenant, id } = await tenantWithRequests();
    const fallbacks = (query: string) => metric<UsagePeriod>(tenant, 'usage', `unit=fallbacks&${query}`);
    expect(await fallbacks('')).toMatchObject([{ unit: 'fallbacks', value: 2, costUsd: 1.000000000007 }]);
    expect(await fallbacks(`routingPolicyId=${id}`)).toMatchObject([{ value: 1, costUsd: 1 }]);
    expect(await metric<UsagePeriod>(tenant, 'usage', 'unit=cost_usd')).toMatchObject([{ value: 1.000000000021 }]);
    const other = await mintTenant();
    await record(other, [{ startedAt: NOON, routing: routingDecision(null, 0) }]);
    expect(await metric<UsagePeriod>(other, 'usage', 'unit=fallbacks')).toEqual([]);
  });

  it('tell latencies and failures apart', async () => {
    const { tenant, id } = await tenantWithRequests();
    const latencies = await metric<LatencyPeriod>(tenant, 'latency', 'groupBy=routingPolicy');
    expect(latencies).toMatchObject([
      { routingPolicyId: null, count: 2 },
      { routingPolicyId: id, routingPolicyName: 'cheap-first', count: 2 },
    ]);
    expect(latencies[1]?.p95).toBeGreaterThan(latencies[0]?.p95 ?? 0);
    const errors = await metric<ErrorsPeriod>(tenant, 'errors', 'groupBy=routingPolicy');
    expect(errors).toMatchObject([
      { routingPolicyId: null, requests: 2, failed: 0 },
      { routingPolicyId: id, routingPolicyName: 'cheap-first', requests: 3, failed: 1 },
    ]);
  });

  it('are narrowed to one, and to none of another tenant’s', async () => {
    const { tenant, id } = await tenantWithRequests();
    const other = await tenantWithRequests();
    const by = `groupBy=&routingPolicyId=${id}`;
    expect(await metric(tenant, 'usage', by)).toMatchObject([{ value: 3 }]);
    expect(await metric(tenant, 'latency', by)).toMatchObject([{ count: 2 }]);
    expect(await metric(tenant, 'errors', by)).toMatchObject([{ requests: 3, failed: 1 }]);
    for (const name of ['usage', 'latency', 'errors']) expect(await metric(other.tenant, name, by)).toEqual([]);
  });

  it.each([
    ['usage?routingPolicyId=cheap-first', '/routingPolicyId'],
    ['cache?groupBy=routingPolicy', '/groupBy/0'],
    ['cache?routingPolicyId=00000000-0000-4000-8000-000000000001', '/routingPolicyId'],
  ])('refuse %s by the field', async (path, pointer) => {
    const response = await call('GET', `/v1/metrics/${path}`, { headers: (await mintTenant()).headers });
    expect(await response.json<Problem>()).toMatchObject({ status: 400, errors: [{ pointer }] });
  });

  it('have what the gateway decided', async () => {
    const { tenant, id } = await routedTenant();
    using _upstream = playUpstream(({ body }) =>
      body.model === LARGE.model ? Response.json({ error: { message: 'broken' } }, { status: 500 }) : null,
    );
    const response = await orchestrate(tenant.headers, { input: 'hello', routingPolicyId: id });
    expect(await response.json()).toMatchObject({ ...SMALL, routing: { policyId: id } });
    const fallbacks = await eventually(
      () => read<TestPage<UsagePeriod>>(tenant, '/v1/metrics/usage?unit=fallbacks&groupBy=model,routingPolicy'),
      ({ data }) => data.length > 0,
    );
    expect(fallbacks.data).toMatchObject([{ value: 1, model: SMALL.model, routingPolicyName: 'cheap-first' }]);
  });
});
