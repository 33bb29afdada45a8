import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startPostgres } from '../../scripts/dev/postgres.ts';
import { eventually } from '../harness/eventually.ts';
import { findFreePort } from '../harness/free-port.ts';
import { dataFolder, orchestrate, query, startProduct } from '../harness/product.ts';

const LEDGER_LIMIT_MS = 60_000;

it('serves known tenants while Postgres is stopped, and records every request once it is back', async () => {
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
  const usage = await fetch(`${product.dev.baseUrl}/v1/metrics/usage`, {
    headers: { 'x-api-key': product.dev.apiKey, 'x-tenant-id': product.dev.tenantId },
  });
  expect([usage.status, usage.headers.get('retry-after')]).toEqual([503, '2']);

  const after = await startPostgres(server);
  try {
    answers.push(await send());
    expect(answers.map(({ status }) => status)).toEqual(Array(52).fill(200));
    const find = () =>
      query<{ id: string }>(after.url, 'select id from requests where id = any($1::uuid[])', [
        answers.map(({ id }) => id),
      ]);
    const rows = await eventually(find, (found) => found.length >= 52, LEDGER_LIMIT_MS);
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(answers.map(({ id }) => id)));
    expect(await readiness()).toBe('ready');
    await product.end('SIGTERM');
  } finally {
    await after.stop();
  }
});
