import { describe, expect, it } from 'vitest';
import type { LimitView } from '../../../shared/contracts/http/limits.ts';
import type { Problem } from '../../../shared/contracts/http/problem.ts';
import { eventually } from '../../harness/eventually.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { judgeLimit, type LimitedAnswer } from '../../harness/judge-limit.ts';
import { mintTenant, type TestTenant } from '../../harness/mint-tenant.ts';

const LIMIT = { cap: 50, name: 'fifty' };
const NOISE = 10;
const CALLERS = 20;
const STEADY_REQUESTS = 60;

/** A tenant that may send so many requests while the test runs. */
async function mintLimited({ cap, name }: typeof LIMIT): Promise<TestTenant> {
  const tenant = await mintTenant({ scopes: ['orchestrate:invoke', 'policies:read', 'policies:write'] });
  const body = JSON.stringify({ name, maxRequests: cap, windowSeconds: 366 * 86_400 });
  expect((await call('POST', '/v1/rate-limits', { headers: tenant.headers, body })).status).toBe(201);
  return tenant;
}

async function ask({ headers }: TestTenant): Promise<LimitedAnswer> {
  const response = await orchestrate(headers, { input: 'hello' });
  const { limit } = await response.json<Partial<Problem>>();
  return { status: response.status, limitName: limit?.name ?? null, retryAfter: response.headers.get('retry-after') };
}

const rateOf = async ({ headers }: TestTenant) => {
  const response = await call('GET', '/v1/limits?kind=rate_limit', { headers });
  return (await response.json<{ data: LimitView[] }>()).data[0];
};

describe('L6: beside a tenant at ten times its limit', () => {
  it('another one has no error, and both are counted exactly', async () => {
    const noisy = await mintLimited(LIMIT);
    const steady = await mintLimited({ cap: STEADY_REQUESTS, name: 'sixty' });
    const answers: LimitedAnswer[] = [];
    let sent = 0;
    const noise = Array.from({ length: CALLERS }, async () => {
      while (sent++ < LIMIT.cap * NOISE) answers.push(await ask(noisy));
    });
    const statuses: number[] = [];
    for (let each = 0; each < STEADY_REQUESTS; each++) statuses.push((await ask(steady)).status);
    await Promise.all(noise);

    expect(statuses).toEqual(Array(STEADY_REQUESTS).fill(200));
    expect(answers).toHaveLength(LIMIT.cap * NOISE);
    expect(judgeLimit(answers, LIMIT)).toEqual([]);
    for (const [tenant, cap] of [
      [noisy, LIMIT.cap],
      [steady, STEADY_REQUESTS],
    ] as const) {
      const rate = await eventually(
        () => rateOf(tenant),
        (status) => status?.spent === `${cap}`,
      );
      expect(rate).toMatchObject({ spent: `${cap}`, held: '0', leased: '0', remaining: '0' });
    }
  });
});
