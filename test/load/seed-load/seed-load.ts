import type pg from 'pg';
import { inTransaction, withClient } from '../../../scripts/db/connection.ts';
import { ensurePartitions } from '../../../scripts/db/partitions.ts';
import { type Lane, lanesOf, tenantIdOf } from './lanes.ts';
import { DAY_MS, type LoadOptions } from './load-options.ts';
import { type LoadDay, loadDays } from './traffic-shape.ts';
import { keepLanes, requestsOfDay, rowsOfDay } from './write-day.ts';
import { writeSums } from './write-sums.ts';
import { readNewestPrices, writeTenants } from './write-tenants.ts';

/** Days that are written at once, each by a connection of its own. */
const CONNECTIONS = 2;

export interface LoadJob extends LoadOptions {
  /** The owner of a migrated and seeded database, who must be exempt from row-level security. */
  readonly databaseUrl: string;
  /** Also into a database that has requests of others. */
  readonly isForced?: boolean;
  report(progress: { readonly days: number; readonly requests: number }): void;
}

/**
 * Fills a database with a generated year. A day is a transaction: one that was stopped goes on where it was, and one that
 * is complete changes nothing. Throws, before it writes, where the database is not to be filled.
 */
export async function seedLoad(job: LoadJob): Promise<void> {
  const { databaseUrl, report } = job;
  const { lanes, version, done } = await withClient(databaseUrl, (client) => prepare(client, job));
  const progress = { days: 0, requests: 0 };
  const days = loadDays(job).values();
  const work = () =>
    withClient(databaseUrl, async (client) => {
      await client.query('set synchronous_commit = off');
      await keepLanes(client, lanes);
      for (const day of days) {
        if (!done.has(day.start)) await writeDay(client, job, { lanes, version, day });
        progress.days += 1;
        progress.requests += day.end - day.first;
        report(progress);
      }
    });
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  await withClient(databaseUrl, (client) =>
    client.query('analyze requests, request_events, usage_aggregates, outcome_aggregates, ledger_postings'),
  );
}

async function prepare(client: pg.Client, job: LoadJob) {
  await refuseOthers(client, job);
  const { version, models } = await readNewestPrices(client);
  const lanes = lanesOf(job, models);
  await ensurePartitions(client, { from: new Date(job.until - (job.days + 1) * DAY_MS), days: job.days + 2 });
  await inTransaction(client, () => writeTenants(client, job, lanes));
  return { lanes, version, done: await daysDone(client, job) };
}

async function refuseOthers(client: pg.Client, { seed, tenants, isForced }: LoadJob): Promise<void> {
  const { rows } = await client.query<{ isExempt: boolean }>(
    'select rolsuper as "isExempt" from pg_roles where rolname = current_user',
  );
  if (!rows[0]?.isExempt) throw new Error('a generated year needs a superuser, since it writes many tenants at once');
  if (isForced) return;
  const own = Array.from({ length: tenants }, (_, at) => tenantIdOf(seed, at + 1));
  const others = await client.query('select from requests where tenant_id <> all ($1) limit 1', [own]);
  if (others.rowCount) throw new Error('the database has requests of other tenants; --force adds to it all the same');
}

/** Days whose transaction was committed. */
async function daysDone(client: pg.Client, { seed }: LoadJob): Promise<ReadonlySet<number>> {
  const { rows } = await client.query<{ start: Date }>(
    `select distinct period_start as start from usage_aggregates
     where tenant_id = $1 and period_end - period_start = interval '1 day'`,
    [tenantIdOf(seed, 1)],
  );
  return new Set(rows.map(({ start }) => start.getTime()));
}

interface DayPlan {
  readonly lanes: readonly Lane[];
  readonly version: string;
  readonly day: LoadDay;
}

async function writeDay(client: pg.Client, options: LoadOptions, { lanes, version, day }: DayPlan): Promise<void> {
  if (day.end === day.first) return;
  await inTransaction(client, async () => {
    await client.query('set local session_replication_role = replica'); // whom rows refer to was written before
    await client.query(requestsOfDay(options, lanes, version, day));
    await writeSums(client, rowsOfDay(day));
  });
}
