import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';

const job = z.object({
  id: z.uuid(),
  kind: z.string(),
  status: z.enum(['queued', 'running', 'succeeded', 'failed']),
  dueOn: z.string().nullable(),
  input: z.unknown(),
  progress: z.unknown(),
  result: z.unknown(),
  error: z.string().nullable(),
  createdAt: z.string(),
  endedAt: z.string().nullable(),
});
export type Job = z.infer<typeof job>;

/** The newest jobs first: one by its id, or `limit` of them. */
export async function listJobs(input: {
  readonly statements: StatementRunner;
  readonly id?: string;
  readonly limit?: number;
}): Promise<Job[]> {
  const { statements, id = null, limit = 20 } = input;
  const rows = await statements.run(sql`
    select id::text, kind, status, due_on::text as "dueOn", input, progress, result, error,
      to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "createdAt",
      to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "endedAt"
    from jobs where ${id}::uuid is null or id = ${id}::uuid
    order by jobs.created_at desc, jobs.id desc limit ${limit}`);
  return z.array(job).parse(rows);
}
