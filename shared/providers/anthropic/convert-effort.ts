import type { OutputConfig, ThinkingConfigParam } from '@anthropic-ai/sdk/resources/messages';
import type { ChatMessage, ChatRequest } from '../contract.ts';
import { THINKING_BUDGETS } from './constants.ts';

/** How much a model is asked to think. */
export interface Effort {
  readonly thinking?: ThinkingConfigParam;
  readonly effort?: NonNullable<OutputConfig['effort']>;
  readonly warnings: readonly string[];
}

/** What of a request says how much to think, and if it may be thought at all. */
type EffortRequest = Pick<ChatRequest, 'messages' | 'reasoningEffort' | 'maxOutputTokens' | 'tools' | 'toolChoice'>;

/** Models up to 4.5 think within a budget and have no adaptive thinking. */
export const BUDGET_MODEL = /claude-(3|(opus|sonnet|haiku)-4(-[0-5])?(-\d{8})?$)/;

/** Models that refuse to have their thinking turned off. */
const ALWAYS_THINKING_MODEL = /claude-(fable|mythos|opus-5-5)/;

/**
 * `reasoningEffort` as the model takes it. Thoughts are asked for as summaries, since some models leave their text out
 * otherwise. https://platform.claude.com/docs/en/build-with-claude/thinking#configuring-thinking
 */
export function convertEffort(request: EffortRequest, model: string): Effort {
  const { messages, reasoningEffort, maxOutputTokens } = request;
  if (reasoningEffort === undefined) return { warnings: [] };
  if (reasoningEffort === 'none') {
    if (!ALWAYS_THINKING_MODEL.test(model)) return { thinking: { type: 'disabled' }, warnings: [] };
    return { effort: 'low', warnings: ['reasoningEffort none became low: the model always thinks'] };
  }
  const hasBudget = BUDGET_MODEL.test(model);
  if (isCallForced(request) && !ALWAYS_THINKING_MODEL.test(model)) {
    const warnings = ['reasoningEffort was ignored: the model does not think before a tool call that is forced'];
    return { ...(!hasBudget && { thinking: { type: 'disabled' } }), warnings };
  }
  if (!hasBudget) {
    return { thinking: { type: 'adaptive', display: 'summarized' }, effort: reasoningEffort, warnings: [] };
  }
  if (!hasThoughtsBehindCalls(messages)) {
    return { warnings: ['reasoningEffort was ignored: the last tool calls came without the thoughts behind them'] };
  }
  const budget = Math.min(THINKING_BUDGETS[reasoningEffort], maxOutputTokens - 1);
  if (budget >= THINKING_BUDGETS.low) {
    return { thinking: { type: 'enabled', budget_tokens: budget, display: 'summarized' }, warnings: [] };
  }
  const least = THINKING_BUDGETS.low + 1;
  return { warnings: [`reasoningEffort was ignored: the model needs an output limit of at least ${least} to think`] };
}

/**
 * Whether the answer must be a tool call. With a budget the API refuses thinking then, and a model that thinks as it likes
 * may answer in words. https://platform.claude.com/docs/en/build-with-claude/thinking#thinking-with-tool-use
 */
function isCallForced({ tools, toolChoice }: EffortRequest): boolean {
  return !!tools?.length && toolChoice !== undefined && toolChoice !== 'auto' && toolChoice !== 'none';
}

/**
 * Whether the tool calls whose results the model is to read next came with thoughts. A loop of calls and results is one
 * turn, which ends with an answer without calls, and with a budget it must have begun with a thought: the API refuses one
 * of another model, or whose thoughts its sender dropped. Later steps of it have none of their own.
 * https://platform.claude.com/docs/en/build-with-claude/thinking#thinking-with-tool-use
 */
function hasThoughtsBehindCalls(messages: readonly ChatMessage[]): boolean {
  const answer = messages.findLastIndex((message) => message.role === 'assistant' && !message.toolCalls?.length);
  const first = messages.slice(answer + 1).find((message) => message.role === 'assistant');
  if (!first) return true;
  if (typeof first.content === 'string') return false;
  const start = first.content.find((part) =>
    part.type === 'reasoning' ? part.signature !== undefined : part.text !== '',
  );
  return start?.type === 'reasoning';
}
