import pg from 'pg';
import { firstIdAt } from '../../shared/domain/usage/request-id-time.ts';
import { inTransaction } from './connection.ts';

const DAY_MS = 86_400_000;

/** How far ahead the partitions of a deployment reach, from yesterday: each deployment and each `db:migrate` moves it on. */
export const PARTITION_DAYS = 62;

export interface PartitionChanges {
  /** Names of partitions, oldest first. */
  readonly made: readonly string[];
  readonly dropped: readonly string[];
}

/**
 * Gives `requests` a partition for each of `days` days (UTC) from the day of `from`, and drops earlier ones that are empty
 * and older than every plan keeps requests. Rows of a new day that lie in the default partition move into it, with their
 * events. Each partition is a transaction of its own, so that none is locked for long; any number may run at once, and one
 * that is killed is finished by the next. Runs as the tables' owner, who need not be a superuser.
 */
export async function ensurePartitions(
  client: pg.Client,
  options: { readonly from: Date; readonly days: number; readonly now?: Date },
): Promise<PartitionChanges> {
  const { from, days, now = new Date() } = options;
  const firstDay = Math.floor(from.getTime() / DAY_MS);
  const known = new Set(await partitionNames(client));
  const made: string[] = [];
  for (let day = firstDay; day < firstDay + days; day++) {
    const name = partitionOf(day * DAY_MS);
    if (!known.has(name) && (await inTransaction(client, () => makePartition(client, day * DAY_MS)))) made.push(name);
  }
  const dropped: string[] = [];
  for (const name of await outdatedPartitions(client, now)) {
    if (name < partitionOf(firstDay * DAY_MS) && (await inTransaction(client, () => dropIfEmpty(client, name))))
      dropped.push(name);
  }
  return { made, dropped };
}

/** What every deployment has: from yesterday to two months ahead. */
export function deploymentDays(now = new Date()): { readonly from: Date; readonly days: number } {
  return { from: new Date(now.getTime() - DAY_MS), days: PARTITION_DAYS };
}

/** The partition's name of the day (UTC) that a time (epoch milliseconds) lies in. */
export function partitionOf(time: number): string {
  return `requests_${new Date(time).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

async function partitionNames(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_inherits join pg_class on oid = inhrelid
     where inhparent = 'requests'::regclass and relname <> 'requests_default' order by relname`,
  );
  return rows.map(({ name }) => name);
}

async function makePartition(client: pg.Client, start: number): Promise<boolean> {
  const name = partitionOf(start);
  const [first, end] = [firstIdAt(start), firstIdAt(start + DAY_MS)];
  await client.query('lock table only requests in access exclusive mode');
  if ((await partitionNames(client)).includes(name)) return false;
  // The owner is bound by row-level security as everyone is: until the transaction ends, and under its lock, not here.
  await letOwnerSee(client, ['requests_default', 'request_events']);
  const range = [first, end];
  const { rows } = await client.query<{ strays: boolean }>(
    'select exists (select from requests_default where id >= $1 and id < $2) as strays',
    range,
  );
  if (rows[0]?.strays) {
    // A request that leaves its partition takes its events along, as the reference says: they are put back.
    await client.query(`
      create temporary table moved_requests (like requests_default) on commit drop;
      create temporary table moved_events (like request_events) on commit drop`);
    await client.query(
      `insert into moved_events select request_events.* from request_events
       where request_id >= $1 and request_id < $2`,
      range,
    );
    await client.query(
      `with moved as (delete from requests_default where id >= $1 and id < $2 returning *)
       insert into moved_requests select * from moved`,
      range,
    );
  }
  await client.query(
    `create table ${name} partition of requests
     for values from (${pg.escapeLiteral(first)}) to (${pg.escapeLiteral(end)})`,
  );
  if (rows[0]?.strays) {
    await client.query(`insert into ${name} select * from moved_requests`);
    await client.query('insert into request_events select * from moved_events');
  }
  await client.query(`call isolate_tenant_tables('${name}')`);
  await bindOwner(client, ['requests_default', 'request_events']);
  return true;
}

/** Partitions of days that no plan keeps any more, with a day for leases that are older than their requests. */
async function outdatedPartitions(client: pg.Client, now: Date): Promise<string[]> {
  const { rows } = await client.query<{ days: number | null }>('select max(request_retention_days) as days from plans');
  const days = rows[0]?.days ?? null;
  if (days === null) return [];
  const oldestKept = partitionOf(now.getTime() - (days + 1) * DAY_MS);
  return (await partitionNames(client)).filter((name) => name < oldestKept);
}

async function dropIfEmpty(client: pg.Client, name: string): Promise<boolean> {
  await client.query('lock table only requests in access exclusive mode');
  if (!(await partitionNames(client)).includes(name)) return false;
  await letOwnerSee(client, [name]);
  const { rows } = await client.query<{ used: boolean }>(`select exists (select from ${name}) as used`);
  if (rows[0]?.used) {
    await bindOwner(client, [name]);
    return false;
  }
  await client.query(`alter table requests detach partition ${name}`); // its part of the reference from events goes first
  await client.query(`drop table ${name}`);
  return true;
}

async function letOwnerSee(client: pg.Client, tables: readonly string[]): Promise<void> {
  for (const table of tables) await client.query(`alter table ${table} no force row level security`);
}

async function bindOwner(client: pg.Client, tables: readonly string[]): Promise<void> {
  for (const table of tables) await client.query(`alter table ${table} force row level security`);
}
