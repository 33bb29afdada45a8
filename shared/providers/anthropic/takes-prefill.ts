import type { ChatRequest } from '../contract.ts';
import { BUDGET_MODEL } from './convert-effort.ts';

/**
 * If a model goes on with the beginning of an answer. Those after 4.5 refuse one, those before refuse it while they think,
 * and one that ends in white space. https://platform.claude.com/docs/en/api/errors#prefill-not-supported
 * https://platform.claude.com/docs/en/build-with-claude/prompt-engineering/prefill-claudes-response
 */
export function takesPrefill({ reasoningEffort, providerOptions }: ChatRequest, begun: string, model: string): boolean {
  const thinks = (reasoningEffort ?? 'none') !== 'none' || providerOptions?.anthropic?.thinking !== undefined;
  return BUDGET_MODEL.test(model) && !thinks && begun === begun.trimEnd();
}
