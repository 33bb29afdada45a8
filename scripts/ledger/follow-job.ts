import { setTimeout as sleep } from 'node:timers/promises';
import type { StatementRunner } from '../../shared/db/statement-runner.ts';
import { type Job, listJobs } from '../../shared/services/list-jobs.ts';

const POLL_MS = 500;
/** The ledger's schedule comes each minute; a job that got nowhere for so long is not being run. */
const PATIENCE_MS = 5 * 60_000;

/** Waits until a job has ended and tells its progress. Null: it got nowhere for five minutes, and may still be run later. */
export async function followJob(
  statements: StatementRunner,
  id: string,
  print: (line: string) => void,
): Promise<Job | null> {
  let told = '';
  for (let heardAt = Date.now(); Date.now() - heardAt < PATIENCE_MS; await sleep(POLL_MS)) {
    const [job] = await listJobs({ statements, id });
    if (!job) return null;
    if (job.status === 'succeeded' || job.status === 'failed') return job;
    const line = `${job.kind} ${job.status} ${JSON.stringify(job.progress)}${job.error ? `: ${job.error}` : ''}`;
    if (line === told) continue;
    if (told !== '') print(line);
    [told, heardAt] = [line, Date.now()];
  }
  return null;
}
