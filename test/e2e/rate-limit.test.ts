import { Agent, request } from 'node:http';
import { expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { judgeLimit, type LimitedAnswer } from '../harness/judge-limit.ts';
import { type DevFile, dataFolder, query, startProduct } from '../harness/product.ts';

const REQUESTS = 10_000;
const SOCKETS = 200;
const LIMIT = { cap: 1_000, name: 'a thousand' };
/** So long that no window ends while the test runs. */
const WINDOW_SECONDS = 366 * 86_400;
const LEDGER_LIMIT_MS = 60_000;

it('L1: of 10,000 requests on 200 sockets, a limit of 1,000 lets exactly 1,000 through', async () => {
  using folder = dataFolder();
  await using product = await startProduct(folder.path);
  const { dev } = product;
  const created = await asAdministrator(dev, 'POST', '/v1/rate-limits', {
    ...{ name: LIMIT.name, maxRequests: LIMIT.cap, windowSeconds: WINDOW_SECONDS },
  });
  expect(created.status).toBe(201);

  using agent = agentWith(SOCKETS);
  const answers: LimitedAnswer[] = [];
  const ports = new Set<number>();
  let sent = 0;
  await Promise.all(
    Array.from({ length: SOCKETS }, async () => {
      while (sent++ < REQUESTS) answers.push(await ask(dev, agent.agent, ports));
    }),
  );
  expect(answers).toHaveLength(REQUESTS);
  expect(judgeLimit(answers, LIMIT)).toEqual([]);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(REQUESTS - LIMIT.cap);
  expect(ports.size).toBeGreaterThanOrEqual(SOCKETS);

  // Each that was served is recorded, and none that was refused.
  const count = async () => {
    const [row] = await query<{ count: string }>(dev.databaseUrl, 'select count(*) from requests');
    return Number(row?.count);
  };
  expect(await eventually(count, (rows) => rows >= LIMIT.cap, LEDGER_LIMIT_MS)).toBe(LIMIT.cap);
  const { data } = (await (await asAdministrator(dev, 'GET', '/v1/limits?kind=rate_limit')).json()) as {
    data: object[];
  };
  expect(data).toMatchObject([{ cap: '1000', spent: '1000', held: '0', leased: '0', remaining: '0' }]);
});

function agentWith(maxSockets: number) {
  const agent = new Agent({ keepAlive: true, maxSockets });
  return { agent, [Symbol.dispose]: () => agent.destroy() };
}

function asAdministrator({ baseUrl, adminToken, tenantId }: DevFile, method: string, path: string, body?: object) {
  const headers = {
    authorization: `Bearer ${adminToken}`,
    'x-tenant-id': tenantId,
    'content-type': 'application/json',
  };
  return fetch(`${baseUrl}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

function ask({ baseUrl, apiKey, tenantId }: DevFile, agent: Agent, ports: Set<number>): Promise<LimitedAnswer> {
  const headers = { 'x-api-key': apiKey, 'x-tenant-id': tenantId, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const outgoing = request(`${baseUrl}/v1/orchestrate`, { method: 'POST', agent, headers }, (response) => {
      ports.add(response.socket.localPort ?? 0);
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const limitName: string | null = JSON.parse(text).limit?.name ?? null;
        const retryAfter = response.headers['retry-after'] ?? null;
        resolve({ status: response.statusCode ?? 0, limitName, retryAfter });
      });
      response.on('error', reject);
    });
    outgoing.on('error', reject).end('{"input":"hello"}');
  });
}
