import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { PROVIDER_TIMEOUT_MS } from '../constants.ts';
import type { AdmittedPlan } from './admit-request.ts';
import type { AnswerKeeper } from './answer-keeper.ts';
import { type Called, callHedged, DROPPED } from './call-hedged.ts';
import { callProvider } from './call-provider.ts';
import { CandidateLimit } from './candidate-limit.ts';
import { toFailure } from './failure.ts';
import { settle, toResponse, warningsOf } from './finish-request.ts';
import { nextPlan } from './next-plan.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { type Ending, type Settlement, settlementOf } from './settlement.ts';
import { callTask, type TaskAnswer } from './task.ts';
import { watchCall } from './watch-call.ts';

/** An answer that came at once. */
export interface RunAnswer {
  readonly response: OrchestrateResponse;
  /** The vendor's own answer, where it was asked in the client's format. */
  readonly nativeText: string | null;
}

/**
 * Calls and settles what has its hold. No provider is called without a hold that covers the most that the call can cost,
 * and every hold is settled exactly once: after the answer, at its usage; or by TenantGate when this isolate dies. When a
 * candidate fails, the next one is called, until one answers or the failure stands.
 */
export async function runAdmitted(
  input: PipelineInput,
  plan: AdmittedPlan,
  keeper: AnswerKeeper | null = null,
): Promise<Result<RunAnswer, DomainError>> {
  const attempted = attempt(input, plan);
  const settled = attempted.then(async ({ answer, settlement }) => {
    settle(input, settlement);
    if (answer.ok) await keeper?.keep(answer.value, settlement);
    else await keeper?.drop();
  });
  input.waitUntil(settled);
  const { answer, settlement } = await attempted;
  if (!answer.ok) return answer;
  const warnings = warningsOf(settlement.plan, answer.value.warnings);
  const response = toResponse(input, settlement.plan, settlement, { ...answer.value, warnings }, 'completed');
  return ok({ response, nativeText: answer.value.nativeText ?? null });
}

interface Attempt {
  readonly answer: Result<TaskAnswer, DomainError>;
  readonly settlement: Settlement;
}

/** Calls one candidate after another under their hold. Never rejects: every end settles. */
async function attempt(input: PipelineInput, first: AdmittedPlan): Promise<Attempt> {
  const stop = new AbortController();
  const giveUp = (reason: DOMException) => stop.abort(reason);
  const endWatch = watchCall(input, { timeoutMs: PROVIDER_TIMEOUT_MS, giveUp });
  try {
    const signal = input.task ? AbortSignal.any([stop.signal, input.task.cancelSignal]) : stop.signal;
    for (let plan = first; ; ) {
      const { plan: made, called } = await callHedged(input, plan, signal, { call: callCandidate, drop: dropAnswer });
      if ('value' in called) {
        const ending = { status: 'completed' as const, errorCode: null, bill: billOf(called.value) };
        return { answer: ok(called.value), settlement: settlementOf(input, made, ending) };
      }
      const { failure } = called;
      const next = await nextPlan(input, made, failure, signal);
      if (!next) return { answer: err(failure.error), settlement: settlementOf(input, made, failure.ending) };
      plan = next;
    }
  } finally {
    endWatch();
  }
}

async function callCandidate(
  input: PipelineInput,
  plan: AdmittedPlan,
  signal: AbortSignal,
): Promise<Called<TaskAnswer>> {
  const { ports, tenant } = input;
  const { totalMs } = plan.candidate.timeouts ?? {};
  const limit = new CandidateLimit(signal, totalMs === undefined ? {} : { totalMs });
  try {
    const value = await callProvider(input, plan, (options) => callTask(plan, options), limit.signal);
    ports.health.answered(tenant.tenantId, plan.candidate, ports.now() - input.callStartedAt);
    return { value };
  } catch (cause) {
    const failure = toFailure(cause);
    input.logger.warn('provider.failed', { code: failure.error.code, error: cause });
    return { failure: { ...failure, cause } };
  } finally {
    limit.end();
  }
}

function billOf({ usage: { unified } }: TaskAnswer): Ending['bill'] {
  return unified ? { kind: 'used', usage: unified } : { kind: 'unknown' };
}

function dropAnswer(answer: TaskAnswer): Ending {
  return { ...DROPPED, bill: billOf(answer) };
}
