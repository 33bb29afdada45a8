import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';

/** How long a run may be silent before another takes its job over: longer than any of its steps. */
const SILENCE = sql`interval '2 minutes'`;

/** Runs without progress after which a job has failed. */
const MOST_ATTEMPTS = 5;

const claimed = z.object({
  id: z.uuid(),
  kind: z.string(),
  input: z.unknown(),
  progress: z.unknown(),
  claim: z.string(),
});

/** A job that one run works on, for as long as `claim` is the one that the job was given last. */
export type ClaimedJob = z.infer<typeof claimed>;

/**
 * Takes the job that has waited longest, or one whose run fell silent; null when there is none. No two runs have the same.
 * A job that was taken five times since it last got on has failed, and is taken no more.
 */
export async function claimJob(statements: StatementRunner): Promise<ClaimedJob | null> {
  await statements.run(sql`
    update jobs set status = 'failed', ended_at = now(),
      error = coalesce(error, 'its runs ended without a word') || ${` (given up after ${MOST_ATTEMPTS} runs without progress)`}
    where attempts >= ${MOST_ATTEMPTS} and (status = 'queued' or status = 'running' and heartbeat_at < now() - ${SILENCE})`);
  const rows = await statements.run(sql`
    update jobs set status = 'running', attempts = attempts + 1, started_at = coalesce(started_at, now()),
      heartbeat_at = clock_timestamp()
    where id = (
      select id from jobs
      where status = 'queued' or status = 'running' and heartbeat_at < now() - ${SILENCE}
      order by coalesce(heartbeat_at, created_at), id
      limit 1
      for update skip locked
    )
    returning id::text, kind, input, progress, heartbeat_at::text as claim`);
  return z.array(claimed).parse(rows)[0] ?? null;
}
