import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { StatementRunner } from '../db/statement-runner.ts';
import type { JobKind } from '../domain/usage/due-jobs.ts';

const rows = z.array(z.object({ id: z.uuid() }));

/**
 * Asks for a job, which the ledger's schedule runs. Of a kind there is one a day (`dueOn`, YYYY-MM-DD), however often it is
 * asked for; without a day there is one more each time. Answers its id, or null when that day has it already.
 */
export async function enqueueJob(input: {
  readonly statements: StatementRunner;
  readonly kind: JobKind;
  readonly dueOn?: string;
  readonly input?: Readonly<Record<string, unknown>>;
}): Promise<string | null> {
  const { statements, kind, dueOn = null, input: job = {} } = input;
  const found = await statements.run(sql`
    insert into jobs (kind, due_on, input) values (${kind}, ${dueOn}::date, ${JSON.stringify(job)}::jsonb)
    on conflict (kind, due_on) do nothing returning id::text`);
  return rows.parse(found)[0]?.id ?? null;
}
