import pg from 'pg';

/** Roles that the Workers connect as: `eufm_app` the gateway, `eufm_ledger` the ledger. */
export const WORKER_ROLES = ['eufm_app', 'eufm_ledger'] as const;
export type WorkerRole = (typeof WORKER_ROLES)[number];

/** What two sessions get that change one role at the same time. */
const CONCURRENT_CHANGE = 'tuple concurrently updated';

/**
 * Makes a role unless the cluster has it, sets its password when one is given, and refuses a role that row-level
 * security would not bind. Needs CREATEROLE, not superuser. Safe to run at the same time from any number of sessions.
 * Roles belong to the whole cluster, so no migration drops them.
 */
export async function ensureWorkerRole(client: pg.Client, role: WorkerRole, password?: string): Promise<void> {
  await client.query(`
    do $$ begin
      create role ${role} login;
    exception when duplicate_object or unique_violation then null;
    end $$`);
  const { rowCount } = await client.query(
    `select from pg_roles where (rolsuper or rolbypassrls) and pg_has_role($1, oid, 'member')`,
    [role],
  );
  if (rowCount !== 0) throw new Error(`role ${role} is exempt from row-level security, or a member of a role that is`);
  if (password !== undefined) await setPassword(client, role, password);
}

async function setPassword(client: pg.Client, role: WorkerRole, password: string, attempts = 5): Promise<void> {
  try {
    await client.query(`alter role ${role} password ${pg.escapeLiteral(password)}`);
  } catch (error) {
    if (!(error as Error).message.includes(CONCURRENT_CHANGE) || attempts <= 1) throw error;
    await setPassword(client, role, password, attempts - 1);
  }
}
