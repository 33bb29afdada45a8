import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { type DevFile, dataFolder, query, startProduct } from '../harness/product.ts';
import { orchestrateMany } from '../harness/sockets.ts';

const ROOT = join(import.meta.dirname, '../..');
const ROUNDS = 10;
const REQUESTS_PER_ROUND = 2_000;
const REQUESTS = ROUNDS * REQUESTS_PER_ROUND;
const SOCKETS = 64;
const LEDGER_LIMIT_MS = 60_000;
/** About two minutes, and several times that on a machine that has much else to do. */
const LIMIT_MS = 600_000;

it('20,000 requests while Postgres is killed ten times: each is answered, recorded and counted once', {
  timeout: LIMIT_MS,
}, async () => {
  using folder = dataFolder();
  await using product = await startProduct(folder.path);
  const { dev } = product;
  const ids: string[] = [];
  const killed: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = postmasterOf(folder.path);
    const killAt = Math.floor((REQUESTS_PER_ROUND * (1 + round)) / (ROUNDS + 2));
    const answers = await orchestrateMany(dev, REQUESTS_PER_ROUND, SOCKETS, (count) => {
      if (count !== killAt) return;
      process.kill(before, 'SIGKILL');
      killed.push(before);
    });
    expect(new Set(answers.map(({ status }) => status)), `round ${round}`).toEqual(new Set([200]));
    ids.push(...answers.map(({ requestId }) => requestId));
    const after = await eventually(
      () => runningPostmaster(dev, folder.path),
      (pid) => pid !== null && pid !== before,
    );
    expect(after).not.toBeNull();
  }
  expect(new Set(killed).size).toBe(ROUNDS);
  expect(new Set(ids).size).toBe(REQUESTS);

  const count = async () =>
    Number((await query<{ n: string }>(dev.databaseUrl, 'select count(*) as n from requests'))[0]?.n);
  expect(await eventually(count, (rows) => rows >= REQUESTS, LEDGER_LIMIT_MS)).toBe(REQUESTS);
  const rows = await query<{ id: string }>(dev.databaseUrl, 'select id from requests');
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(ids));
  const [sums] = await query(
    dev.databaseUrl,
    `select (select sum(cost_usd) from requests) as rows,
       (select sum(cost_usd) from usage_aggregates where unit = 'requests' and period_end - period_start = '1 hour') as hours,
       (select sum(cost_usd) from usage_aggregates where unit = 'requests' and period_end - period_start = '1 day') as days,
       (select sum(spent + estimated) from ledger_postings) as postings,
       (select count(*) from ledger_postings where kind in ('settled', 'estimated')) as posted`,
  );
  expect(sums).toMatchObject({ hours: sums?.rows, days: sums?.rows, postings: sums?.rows, posted: String(REQUESTS) });

  const verified = await verify(dev);
  expect(verified).toMatchObject({ code: 0 });
  expect(verified.output).toContain(`${REQUESTS} requests of 1 tenants compared`);
  expect(verified.output).toContain('gates of 1 tenants: 1 equal');

  // Control: one request less in one sum is found and named.
  await query(
    dev.databaseUrl,
    `update usage_aggregates set value = value - 1
     where ctid = (select ctid from usage_aggregates where unit = 'requests' limit 1)`,
  );
  const control = await verify(dev, '--no-gates');
  expect(control.code).toBe(1);
  expect(control.output).toMatch(
    new RegExp(`DIFFERENCE ${dev.tenantId} usage .* requests .*: expected \\d+, found \\d+`),
  );
});

/** The process that the product started as its database server. */
function postmasterOf(directory: string): number {
  const [pid] = readFileSync(join(directory, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n');
  return Number(pid);
}

/** Null while the server does not answer. */
async function runningPostmaster({ databaseUrl }: DevFile, directory: string): Promise<number | null> {
  try {
    await query(databaseUrl, 'select 1');
    return postmasterOf(directory);
  } catch {
    return null;
  }
}

async function verify({ databaseUrl }: DevFile, ...args: string[]) {
  const child = spawn(process.execPath, ['scripts/ledger/verify-cli.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code, output };
}
