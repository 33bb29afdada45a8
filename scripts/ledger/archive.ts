import { enqueueJob } from '../../shared/services/enqueue-job.ts';
import { listRollOffs } from '../../shared/services/list-roll-offs.ts';
import { followJob } from './follow-job.ts';
import { readScope } from './ledger-scope.ts';
import type { LedgerCommand } from './run-command.ts';

export const ARCHIVE: LedgerCommand = {
  help: `Archives of requests that were rolled off, in object storage.

  npm run ledger:archive -- --tenant ID                    the tenant's days, with how many requests went
  npm run ledger:archive -- --tenant ID --verify DAY       reads the archive of a day (YYYY-MM-DD, UTC) and compares it
                                                           with what was deleted and with the day's sums
  --help           this text

Connects to DATABASE_URL. Ends with 0 when all is equal, with 1 when something differs, with 2 when it could not be checked.`,
  read(args) {
    const { scope, values } = readScope(args, { verify: { type: 'string' } });
    if (values.help) return 'help';
    const { tenantId } = scope;
    const { verify: day } = values;
    if (!tenantId) throw new Error('--tenant is needed; see --help');
    if (typeof day === 'string' && !/^\d{4}-\d\d-\d\d$/.test(day))
      throw new Error(`--verify ${day} is not a day (YYYY-MM-DD)`);
    return async (statements, print) => {
      if (typeof day !== 'string') {
        const days = await listRollOffs({ statements, tenantId });
        if (days.length === 0) print('nothing was rolled off');
        for (const each of days)
          print(`${each.day}  ${each.what}  ${each.status}  ${each.rows} rows  ${each.files} files`);
        return 0;
      }
      const id = await enqueueJob({ statements, kind: 'verify-archive', input: { tenantId, day } });
      const job = id === null ? null : await followJob(statements, id, print);
      if (job?.status !== 'succeeded') {
        print(`not checked${job ? `: ${job.error}` : ': the ledger’s schedule did not run it'}`);
        return 2;
      }
      const { problems } = job.result as {
        readonly problems: readonly { where: string; expected: string; found: string }[];
      }; // what the job ends with
      for (const { where, expected, found } of problems)
        print(`DIFFERENCE ${where}: expected ${expected}, found ${found}`);
      if (problems.length === 0) print(`the archive of ${day} has what was deleted`);
      return problems.length === 0 ? 0 : 1;
    };
  },
};
