import { createDatabase } from '../../shared/db/client.ts';
import { statementsOver } from '../../shared/db/statement-runner.ts';
import type { JobKind } from '../../shared/domain/usage/due-jobs.ts';
import { enqueueJob } from '../../shared/services/enqueue-job.ts';
import { type Job, listJobs } from '../../shared/services/list-jobs.ts';
import { eventually } from './eventually.ts';
import { testEnv } from './mint-tenant.ts';
import { runSchedule } from './run-schedule.ts';

/** The database as the ledger has it. */
export function ledgerStatements() {
  const { LEDGER_DATABASE_URL: databaseUrl, NEON_ENDPOINT: neonEndpoint } = testEnv;
  return statementsOver(createDatabase({ databaseUrl, neonEndpoint }));
}

/** Asks for a job and runs the ledger's schedule until it has ended. */
export async function runJob(kind: JobKind, input: Readonly<Record<string, unknown>>): Promise<Job | undefined> {
  const statements = ledgerStatements();
  const id = (await enqueueJob({ statements, kind, input })) ?? '';
  const look = async () => {
    await runSchedule();
    const [job] = await listJobs({ statements, id });
    return job;
  };
  return await eventually(look, (job) => job?.status === 'succeeded' || job?.status === 'failed');
}
