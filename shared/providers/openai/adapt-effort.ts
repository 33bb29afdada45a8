import type { ChatRequest } from '../contract.ts';
import { ignored } from '../convert/warn-unsupported.ts';

/** Models that do not reason: they refuse to be told how much. */
const WITHOUT_REASONING = /^(ft:)?(gpt-3\.5|gpt-4|chatgpt-4o)/;

/** Models that reason and have no `none`: those before gpt-5.1. */
const ALWAYS_REASONING = /^(ft:)?(o\d|gpt-5(?!\.\d|-\d(?!\d)))/;

/**
 * A request whose `reasoningEffort` the model knows. What does not reason has no effort to be asked for, so `none` is as
 * asked there. https://developers.openai.com/api/reference/resources/chat/subresources/completions/methods/create
 */
export function adaptEffort(
  request: ChatRequest,
  model: string,
): { readonly request: ChatRequest; readonly warnings: readonly string[] } {
  const { reasoningEffort: effort, ...rest } = request;
  if (effort === undefined) return { request, warnings: [] };
  if (WITHOUT_REASONING.test(model)) {
    return { request: rest, warnings: effort === 'none' ? [] : [ignored('reasoningEffort')] };
  }
  if (effort !== 'none' || !ALWAYS_REASONING.test(model)) return { request, warnings: [] };
  return {
    request: { ...rest, reasoningEffort: 'low' },
    warnings: ['reasoningEffort none became low: the model always thinks'],
  };
}
