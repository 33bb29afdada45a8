import type { ThinkingConfig, ThinkingLevel } from '@google/genai';
import type { ChatRequest } from '../contract.ts';
import { THINKING_BUDGETS } from './constants.ts';
import { isBeforeGemini3 } from './is-before-gemini-3.ts';

/** The SDK's type, with the words of its enum. */
export type GoogleThinkingConfig = Omit<ThinkingConfig, 'thinkingLevel'> & { thinkingLevel?: `${ThinkingLevel}` };

/** One of the models before Gemini 3 cannot have its thinking turned off either. */
const ALWAYS_THINKING_MODEL = /gemini-2\.5-pro/;

const LEVELS = { none: 'LOW', low: 'LOW', medium: 'MEDIUM', high: 'HIGH' } as const;

/**
 * `reasoningEffort` as the model takes it: a budget before Gemini 3, a level from then on, when thinking cannot be turned
 * off. https://ai.google.dev/gemini-api/docs/thinking
 */
export function convertEffort(
  { reasoningEffort }: ChatRequest,
  model: string,
  warnings: Set<string>,
): GoogleThinkingConfig | undefined {
  if (reasoningEffort === undefined) return undefined;
  const shown = reasoningEffort !== 'none' && { includeThoughts: true };
  const hasBudget = isBeforeGemini3(model);
  const isRaised = !shown && (!hasBudget || ALWAYS_THINKING_MODEL.test(model));
  if (isRaised) warnings.add('reasoningEffort none became low: the model always thinks');
  const effort = isRaised ? 'low' : reasoningEffort;
  return hasBudget
    ? { thinkingBudget: THINKING_BUDGETS[effort], ...shown }
    : { thinkingLevel: LEVELS[effort], ...shown };
}
