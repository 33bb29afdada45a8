import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startPostgres } from '../../scripts/dev/postgres.ts';
import { eventually } from '../harness/eventually.ts';
import { findFreePort } from '../harness/free-port.ts';
import { dataFolder, orchestrate, query, startProduct } from '../harness/product.ts';

/** F14: how long what was served meanwhile may take to be recorded, without a restart. */
const RECOVERY_MS = 30_000;

it('F14: serves known tenants while Postgres is stopped, and records every request within 30 s of its return', async () => {
  using folder = dataFolder();
  using cluster = dataFolder();
  const server = { dataDir: join(cluster.path, 'data'), port: await findFreePort() };
  const before = await startPostgres(server);
  await using product = await startProduct(folder.path, { DATABASE_URL: before.url });
  const send = async () => {
    const response = await orchestrate(product.dev, { input: 'hello' });
    return { status: response.status, id: response.headers.get('x-request-id') };
  };
  const readiness = async () =>
    ((await (await fetch(`${product.dev.baseUrl}/readyz`)).json()) as { status: string }).status;
  const answers = [await send()];

  await before.stop();
  for (let round = 0; round < 5; round++) answers.push(...(await Promise.all(Array.from({ length: 10 }, send))));
  expect(await readiness()).toBe('degraded');
  const credentials = { 'x-api-key': product.dev.apiKey, 'x-tenant-id': product.dev.tenantId };
  const usage = () => fetch(`${product.dev.baseUrl}/v1/metrics/usage`, { headers: credentials });
  const refused = [
    await usage(),
    await fetch(`${product.dev.baseUrl}/v1/budgets`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${product.dev.adminToken}`,
        'x-tenant-id': product.dev.tenantId,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ name: 'b', amountUsd: '1', period: 'day' }),
    }),
  ];
  expect(refused.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual(Array(2).fill([503, '2']));

  const after = await startPostgres(server);
  try {
    answers.push(await send());
    expect(answers.map(({ status }) => status)).toEqual(Array(52).fill(200));
    const find = () =>
      query<{ id: string }>(after.url, 'select id from requests where id = any($1::uuid[])', [
        answers.map(({ id }) => id),
      ]);
    const rows = await eventually(find, (found) => found.length >= 52, RECOVERY_MS);
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(answers.map(({ id }) => id)));
    expect(await readiness()).toBe('ready');
    expect((await usage()).status).toBe(200);
    expect(await query(after.url, 'select 1 from budgets')).toEqual([]);
    await product.end('SIGTERM');
  } finally {
    await after.stop();
  }
});
