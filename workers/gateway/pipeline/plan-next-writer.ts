import type { AdmittedPlan } from './admit-request.ts';
import { holdAnew } from './next-plan.ts';
import { planContinuation } from './plan-continuation.ts';
import { settlementOf } from './settlement.ts';
import type { StreamEnd } from './stream-end.ts';
import type { StreamRun } from './stream-run.ts';

/**
 * What goes on with a stream that its provider broke off, where the client asked for that: it has a hold and a name of its
 * own, and the call before it is settled. Null when the end stands: nobody can, may or is wanted to go on, the retry budget
 * does not pay for one more call, or a limit has no room for it.
 */
export async function planNextWriter(run: StreamRun, end: StreamEnd): Promise<AdmittedPlan | null> {
  const { input, plan, answer } = run;
  const { cause, error, ending } = end;
  if (!input.request.continueOnFailure || !error || !cause || cause.retry === 'never' || !run.mayGoOn) return null;
  const following = planContinuation(plan, answer, error.code);
  if (!following) return null;
  const { ports, tenant } = input;
  if (!ports.retryBudgets.take(tenant.tenantId, plan.candidate.account.id)) return null;
  const settlement = settlementOf(input, plan, ending);
  const next = await holdAnew(input, settlement, cause, following);
  if (next) run.goOn(settlement);
  return next;
}
