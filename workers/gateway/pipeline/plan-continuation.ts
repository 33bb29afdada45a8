import { maxCostOf } from '../../../shared/domain/pricing/cost.ts';
import { leftFor } from '../../../shared/domain/routing/left-candidate.ts';
import type { Route } from '../../../shared/domain/routing/route-request.ts';
import { countUsage } from '../../../shared/domain/usage/count-usage.ts';
import type { ErrorCode } from '../../../shared/errors/domain-error.ts';
import type { ChatRequest, UsageBound } from '../../../shared/providers/contract.ts';
import type { AdmittedPlan } from './admit-request.ts';
import type { ContinuedPlan, RequestPlan } from './plan-request.ts';
import type { StreamAnswer } from './stream-answer.ts';

/**
 * Who goes on with an answer that broke off with `code`: the first of the alternatives that takes its text as the beginning
 * of its own, and those behind it that do; null where there is none, or the text is not all that matters. What may still be
 * written is what the output limit leaves.
 */
export function planContinuation(plan: AdmittedPlan, answer: StreamAnswer, code: ErrorCode): RequestPlan | null {
  const text = answer.plainText;
  if (text === null || !text.isWellFormed()) return null;
  if (plan.task.kind !== 'chat' || !isPlain(plan.task.request)) return null;
  const written = countUsage(answer.usage.unified, { inputLength: 0, writtenLength: answer.writtenLength });
  const maxOutputTokens = plan.task.request.maxOutputTokens - (written.outputTokens ?? 0);
  if (maxOutputTokens <= 0) return null;
  const { begun = '', writers = [] } = plan.continued ?? {};
  const position = plan.failures.length;
  const continued: ContinuedPlan = {
    begun: begun + text,
    writers: [...writers, { position, characters: text.length }],
  };
  const request = { ...plan.task.request, maxOutputTokens };
  const failures = [...plan.failures, code, ...(plan.beside ? [plan.beside.code] : [])];
  const able = plan.alternatives.filter(({ adapter, candidate }) =>
    adapter.continuation?.takes(request, continued.begun, candidate.offer.model),
  );
  const route = plan.route && without(plan.route, failures.length, plan.alternatives, able);
  const [next, ...rest] = able.map((alternative): RequestPlan => {
    const messages = [...request.messages, { role: 'assistant' as const, content: continued.begun }];
    const bound: UsageBound = alternative.adapter.bound({ ...request, messages });
    const maxCostPicoUsd = maxCostOf(alternative.candidate.offer.components, bound);
    return { ...alternative, task: { kind: 'chat', request }, bound, maxCostPicoUsd, route, failures, continued };
  });
  return next ? { ...next, alternatives: rest } : null;
}

/** If nothing but text is asked for: a form, or a call, cannot be trusted to two writers. */
function isPlain({ responseFormat, toolChoice = 'auto' }: Pick<ChatRequest, 'responseFormat' | 'toolChoice'>): boolean {
  const isText = responseFormat === undefined || responseFormat.type === 'text';
  return isText && (toolChoice === 'auto' || toolChoice === 'none');
}

/** A route in which those that were next and cannot go on with an answer are left. */
function without(route: Route, position: number, all: readonly RequestPlan[], able: readonly RequestPlan[]): Route {
  const unable = all.filter((each) => !able.includes(each)).map(({ candidate }) => candidate);
  const left = unable.map((candidate) => ({ ...leftFor(candidate, 'task_not_served'), detail: UNABLE }));
  const taken = route.taken.filter((each, place) => place < position || !unable.includes(each.candidate));
  return { ...route, taken, left: [...left, ...route.left] };
}

const UNABLE = 'cannot go on with an answer that another one began';
