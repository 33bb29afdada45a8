import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import type { ClaimedJob } from './claim-job.ts';

const rows = z.array(z.object({ claim: z.string() }));

/** How far a job got, and that its run lives. Answers the job as it is now claimed; null: another run has taken it over. */
export async function saveProgress(
  statements: StatementRunner,
  job: ClaimedJob,
  progress: unknown,
): Promise<ClaimedJob | null> {
  const claim = await save(statements, job, sql`progress = ${toJsonb(progress)}::jsonb, attempts = 0, error = null`);
  return claim === null ? null : { ...job, progress, claim };
}

/** Leaves a job to a later run, behind the others that wait. `error` is why, when it could not go on. */
export async function releaseJob(statements: StatementRunner, job: ClaimedJob, error: string | null): Promise<void> {
  await save(statements, job, sql`status = 'queued', error = ${error}::text`);
}

export async function finishJob(statements: StatementRunner, job: ClaimedJob, result: unknown): Promise<void> {
  await save(
    statements,
    job,
    sql`status = 'succeeded', result = ${toJsonb(result)}::jsonb, error = null, ended_at = now()`,
  );
}

async function save(statements: StatementRunner, { id, claim }: ClaimedJob, changes: SQL): Promise<string | null> {
  const saved = await statements.run(sql`
    update jobs set ${changes}, heartbeat_at = clock_timestamp()
    where id = ${id}::uuid and status = 'running' and heartbeat_at = ${claim}::timestamptz
    returning heartbeat_at::text as claim`);
  return rows.parse(saved)[0]?.claim ?? null;
}
