import * as z from 'zod';
import { listLedgerPeriods } from '../../../shared/services/list-ledger-periods.ts';
import { listTenantIds } from '../../../shared/services/list-tenant-ids.ts';
import { reconcileTenant } from '../../../shared/services/reconcile-tenant.ts';
import { type LedgerDifference, verifyLedger } from '../../../shared/services/verify-ledger.ts';
import { BEFORE_ALL } from './before-all.ts';
import type { JobPorts, JobState, JobStep } from './job.ts';

const DAY_MS = 86_400_000;
/** How far back a night's job looks at rows; `ledger:verify` looks at all of them. */
const DAYS = 8;
/** What one step reads, if it is not more in a day. */
const REQUESTS_PER_PERIOD = 20_000;
/** Named in the result; every one is in the log. */
const MOST_NAMED = 100;

const input = z.object({
  tenantId: z.uuid().optional(),
  /** Days of rows to compare with sums and postings; 0 compares with the gates only. */
  days: z.int().min(0).default(DAYS),
});
const progress = z.object({
  /** Tenants up to this one are done. */
  after: z.string().default(BEFORE_ALL),
  /** The tenant that is being done: from which time on its rows are still to be read, and if something differs so far. */
  current: z.object({ tenantId: z.uuid(), from: z.number(), differs: z.boolean() }).nullable().default(null),
  tenants: z.int().default(0),
  exact: z.int().default(0),
  within: z.int().default(0),
  different: z.int().default(0),
  unchecked: z.int().default(0),
  differences: z.array(z.unknown()).default([]),
  notChecked: z.array(z.object({ tenantId: z.string(), reason: z.string() })).default([]),
});
type Progress = z.infer<typeof progress>;

/**
 * Compares, tenant by tenant, the ledger of money with what the gates counted, and the rows of the last days with their
 * sums and postings. Every difference is an error in the log and is named in the result. A tenant that cannot be checked
 * now is named as such, and does not keep the others from it.
 */
export const reconcileStep: JobStep = async (ports, job) => {
  const { tenantId: only, days } = input.parse(job.input);
  const state = progress.parse(job.progress);
  const current = state.current ?? (await nextTenant());
  if (!current) {
    const { after: _, current: __, ...result } = state;
    return { result };
  }
  try {
    return { progress: await reconcileNext(ports, job, { ...state, current }, days > 0) };
  } catch (error) {
    const { tenantId } = current;
    ports.logger.error('ledger.not_checked', { tenantId, error });
    const reason = error instanceof Error ? error.message.slice(0, 200) : String(error);
    const notChecked = [...state.notChecked, { tenantId, reason }].slice(0, MOST_NAMED);
    return { progress: { ...behind(state, tenantId), unchecked: state.unchecked + 1, notChecked } };
  }

  async function nextTenant(): Promise<Progress['current']> {
    const [tenantId] = only === undefined ? await listTenantIds({ ...ports, after: state.after }) : [only];
    if (tenantId === undefined || tenantId === state.after) return null;
    return { tenantId, from: ports.now().getTime() - (days - 1) * DAY_MS, differs: false };
  }
};

/** A period of the tenant's rows, or, when all were read, its gates. */
async function reconcileNext(
  { statements, gate, logger, pause }: JobPorts,
  { id }: JobState,
  state: Progress & { readonly current: NonNullable<Progress['current']> },
  withRows: boolean,
): Promise<Progress> {
  const { tenantId, from, differs } = state.current;
  const named = (differences: readonly LedgerDifference[]) => {
    for (const difference of differences) logger.error('ledger.difference', { ...difference });
    return [...state.differences, ...differences].slice(0, MOST_NAMED);
  };
  const periods = withRows
    ? await listLedgerPeriods({ statements, tenantId, requestsPerPeriod: REQUESTS_PER_PERIOD, from })
    : [];
  const [period] = periods;
  if (period) {
    const { differences } = await verifyLedger({ statements, tenantId, ...period });
    const current = { tenantId, from: period.to, differs: differs || differences.length > 0 };
    return { ...state, current, differences: named(differences) };
  }
  const { state: outcome, differences } = await reconcileTenant({
    ...{ statements, tenantId, reconciliationId: id, pause },
    gate: (shard) => gate(tenantId, shard),
  });
  const counted = differs ? 'different' : outcome;
  return { ...behind(state, tenantId), [counted]: state[counted] + 1, differences: named(differences) };
}

function behind(state: Progress, tenantId: string): Progress {
  return { ...state, after: tenantId, current: null, tenants: state.tenants + 1 };
}
