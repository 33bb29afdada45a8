import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase } from '../../harness/postgres.ts';
import { DAY_MS } from '../../load/seed-load/load-options.ts';
import { seedLoad } from '../../load/seed-load/seed-load.ts';

const UNTIL = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const LOAD = { requests: 3_000, tenants: 10, seed: 3, until: UNTIL, days: 5, report: () => {} };

let first: Awaited<ReturnType<typeof createTestDatabase>>;
let second: typeof first;

beforeAll(async () => {
  [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
});

afterAll(async () => {
  await first?.close();
  await second?.close();
});

async function ask<Row>(database: typeof first, query: string): Promise<Row | undefined> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query(query)).rows[0];
  } finally {
    await client.end();
  }
}

/** Everything that must be the same of the same seed. */
const fingerprint = (database: typeof first) =>
  ask(database, 'select md5(string_agg(requests::text, chr(10) order by id)) as rows, count(*) from requests');

const totals = (database: typeof first) =>
  ask<Record<string, string>>(
    database,
    `select
       (select count(*) from requests) as requests,
       (select sum(cost_usd) from requests) as cost,
       (select sum(value) from usage_aggregates where unit = 'requests' and period_end - period_start = '1 hour') as hours,
       (select sum(value) from usage_aggregates where unit = 'requests' and period_end - period_start = '1 day') as days,
       (select sum(cost_usd) from usage_aggregates where unit = 'tokens' and period_end - period_start = '1 day') as "dayCost",
       (select sum(requests) from outcome_aggregates where period_end - period_start = '1 day') as outcomes,
       (select sum(spent + estimated) from ledger_postings) as posted,
       (select sum(available + held + spent + estimated + adjustment) from ledger_postings) as balance`,
  );

it('makes the same year of the same seed, with sums and postings that agree, and once', async () => {
  await seedLoad({ ...LOAD, databaseUrl: first.url });
  const made = await totals(first);
  const { cost } = made ?? {};
  expect(made).toMatchObject({ requests: '3000', hours: '3000.000000000000', days: '3000.000000000000' });
  expect(made).toMatchObject({ outcomes: '3000', dayCost: cost, posted: cost, balance: '0.000000000000' });
  await seedLoad({ ...LOAD, databaseUrl: first.url });
  expect(await totals(first)).toEqual(made);
  await seedLoad({ ...LOAD, databaseUrl: second.url });
  expect(await fingerprint(second)).toEqual(await fingerprint(first));
});

it('refuses a database that has requests of others, unless it is forced', async () => {
  const other = { ...LOAD, seed: 4, requests: 100, databaseUrl: first.url };
  await expect(seedLoad(other)).rejects.toThrow('requests of other tenants');
  await seedLoad({ ...other, isForced: true });
  expect(await totals(first)).toMatchObject({ requests: '3100', outcomes: '3100' });
});
