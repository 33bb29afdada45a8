import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { ok, type Result } from '../../../shared/errors/result.ts';
import { findAnswer } from '../caching/find-answer.ts';
import { giveAnswer } from '../caching/give-answer.ts';
import { admitRequest } from './admit-request.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { type RunAnswer, runAdmitted } from './run-admitted.ts';

/** The pipeline: plan, hold, look for a stored answer where one is wanted, call, settle. */
export async function runRequest(input: PipelineInput): Promise<Result<RunAnswer, DomainError>> {
  const plan = await admitRequest(input);
  if (!plan.ok) return plan;
  const found = await findAnswer(input, plan.value);
  if (found?.kind === 'found') return ok(giveAnswer(input, found));
  return await runAdmitted(input, plan.value, found);
}
