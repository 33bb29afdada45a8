import type { StatementRunner } from '../../shared/db/statement-runner.ts';
import { enqueueJob } from '../../shared/services/enqueue-job.ts';
import { listLedgerPeriods } from '../../shared/services/list-ledger-periods.ts';
import { type LedgerDifference, verifyLedger } from '../../shared/services/verify-ledger.ts';
import { followJob } from './follow-job.ts';
import { type LedgerScope, readScope, tenantsOf } from './ledger-scope.ts';
import type { LedgerCommand } from './run-command.ts';

/** What one statement reads: seconds, and bounded memory. */
const REQUESTS_PER_PERIOD = 200_000;

export const VERIFY: LedgerCommand = {
  help: `Computes what the rows of requests come to and compares it with the sums, the ledger of money and the gates.

  npm run ledger:verify                      everything
  --tenant ID      only one tenant
  --from, --to     only these days (YYYY-MM-DD, UTC, both included); the gates have no days and are compared whole
  --no-gates       leaves the gates out: only Workers reach them, and the ledger's schedule has to run
  --help           this text

Connects to DATABASE_URL, as the ledger's role or as one that may bypass row-level security. Changes nothing but a job and
marks of what the gates hold. Every difference is a line: tenant, period, unit, dimensions, expected (by the rows, or by
the gates), found. Ends with 0 when all is equal, with 1 when something differs, with 2 when something could not be checked.`,
  read(args) {
    const { scope, values } = readScope(args, { 'no-gates': { type: 'boolean' } });
    if (values.help) return 'help';
    return (statements, print) => verify(statements, scope, values['no-gates'] !== true, print);
  },
};

async function verify(
  statements: StatementRunner,
  scope: LedgerScope,
  withGates: boolean,
  print: (line: string) => void,
): Promise<number> {
  const { tenantId } = scope;
  const jobId = withGates
    ? await enqueueJob({ statements, kind: 'reconcile', input: { days: 0, ...(tenantId && { tenantId }) } })
    : null;
  const [rowsDiffer, requests, tenants] = await verifyRows(statements, scope, print);
  print(`${requests} requests of ${tenants} tenants compared with their sums and postings`);
  if (jobId === null) {
    print('gates: left out');
    return rowsDiffer ? 1 : 0;
  }
  print('gates: waiting for the ledger’s schedule');
  const gates = await verifyGates(statements, jobId, print);
  return rowsDiffer ? 1 : gates;
}

async function verifyRows(statements: StatementRunner, scope: LedgerScope, print: (line: string) => void) {
  let [differs, requests, tenants] = [false, 0, 0];
  for await (const tenantId of tenantsOf(statements, scope)) {
    tenants += 1;
    const periods = await listLedgerPeriods({ statements, ...scope, tenantId, requestsPerPeriod: REQUESTS_PER_PERIOD });
    for (const period of periods) {
      const found = await verifyLedger({ statements, tenantId, ...period });
      requests += found.requests;
      for (const difference of found.differences) print(describe(difference));
      if (found.hasMore) print(`${tenantId}: more differences than are named here`);
      differs ||= found.differences.length > 0;
    }
  }
  return [differs, requests, tenants] as const;
}

async function verifyGates(statements: StatementRunner, jobId: string, print: (line: string) => void): Promise<number> {
  const job = await followJob(statements, jobId, print);
  if (job?.status !== 'succeeded') {
    print(`gates: not checked${job ? `: ${job.error}` : '; does the ledger run? npm run ledger:jobs shows its jobs'}`);
    return 2;
  }
  const result = job.result as {
    readonly tenants: number;
    readonly exact: number;
    readonly within: number;
    readonly different: number;
    readonly unchecked: number;
    readonly differences: readonly LedgerDifference[];
    readonly notChecked: readonly { readonly tenantId: string; readonly reason: string }[];
  }; // what `reconcileStep` ends with
  for (const difference of result.differences) print(describe(difference));
  for (const { tenantId, reason } of result.notChecked) print(`${tenantId}: gate not checked: ${reason}`);
  const { tenants, exact, within, different, unchecked } = result;
  print(
    `gates of ${tenants} tenants: ${exact} equal, ${within} within what is on its way, ${different} different, ${unchecked} not checked`,
  );
  if (result.differences.length > 0) return 1;
  return unchecked > 0 ? 2 : 0;
}

function describe(difference: LedgerDifference): string {
  const { tenantId, check, periodStart, periodEnd, unit, dimensions, expected, found } = difference;
  const period = periodStart ? ` ${periodStart}/${periodEnd}` : '';
  const where = Object.entries(dimensions).map(([name, value]) => `${name}=${value ?? '-'}`);
  return `DIFFERENCE ${tenantId} ${check}${period} ${unit} ${where.join(' ')}: expected ${expected}, found ${found}`;
}
