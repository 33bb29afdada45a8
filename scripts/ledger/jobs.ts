import { JOB_KINDS } from '../../shared/domain/usage/due-jobs.ts';
import { enqueueJob } from '../../shared/services/enqueue-job.ts';
import { type Job, listJobs } from '../../shared/services/list-jobs.ts';
import { followJob } from './follow-job.ts';
import { readScope } from './ledger-scope.ts';
import type { LedgerCommand } from './run-command.ts';

const OF_TENANTS = JOB_KINDS.filter((kind) => kind === 'reconcile' || kind === 'roll-off');

export const JOBS: LedgerCommand = {
  help: `Jobs of the ledger: what they are at, and how they ended.

  npm run ledger:jobs                        the newest 20
  npm run ledger:jobs -- --id ID             one, with all that it knows
  npm run ledger:jobs -- --run KIND          asks for one (${OF_TENANTS.join(', ')}) and follows it
  --tenant ID      only for one tenant (--run)
  --help           this text

Connects to DATABASE_URL. Ends with 0; with 1 when the job that it followed failed; with 2 when it could not be run.`,
  read(args) {
    const { scope, values } = readScope(args, { id: { type: 'string' }, run: { type: 'string' } });
    if (values.help) return 'help';
    const { id, run } = values;
    const kind = OF_TENANTS.find((each) => each === run);
    if (run !== undefined && !kind) throw new Error(`--run ${run} is not one of ${OF_TENANTS.join(', ')}`);
    return async (statements, print) => {
      if (!kind) {
        const jobs = await listJobs({ statements, ...(typeof id === 'string' && { id }) });
        if (jobs.length === 0) print('no jobs');
        for (const job of jobs) print(id === undefined ? describe(job) : JSON.stringify(job, null, 2));
        return 0;
      }
      const asked = await enqueueJob({ statements, kind, input: scope.tenantId ? { tenantId: scope.tenantId } : {} });
      const job = asked === null ? null : await followJob(statements, asked, print);
      print(job ? describe(job) : 'the job was not run; it waits for the ledger’s schedule');
      if (!job) return 2;
      return job.status === 'succeeded' ? 0 : 1;
    };
  },
};

function describe({ id, kind, status, dueOn, progress, result, error, createdAt }: Job): string {
  const how = error ?? JSON.stringify(result ?? progress);
  return `${id}  ${createdAt}  ${kind}  ${dueOn ?? 'asked for'}  ${status}  ${how.slice(0, 300)}`;
}
