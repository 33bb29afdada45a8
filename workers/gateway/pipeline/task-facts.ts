import type { ChatMessage } from '../../../shared/providers/contract.ts';
import { approximateTokens } from './approximate-tokens.ts';
import { estimateInputTokens } from './estimate-tokens.ts';
import type { Task } from './task.ts';

/** What a task asks of a model, beyond its kind. */
export interface TaskNeeds {
  readonly hasTools: boolean;
  readonly hasImages: boolean;
  readonly hasFiles: boolean;
  readonly wantsJson: boolean;
}

/** Of a request whose content is not known, or that has none of it. */
export const NO_NEEDS: TaskNeeds = { hasTools: false, hasImages: false, hasFiles: false, wantsJson: false };

export function needsOf(task: Task): TaskNeeds {
  if (task.kind !== 'chat') return NO_NEEDS;
  const { messages, tools, responseFormat } = task.request;
  return {
    hasTools: tools !== undefined && tools.length > 0,
    hasImages: messages.some(hasPart('image')),
    hasFiles: messages.some(hasPart('file')),
    wantsJson: responseFormat?.type === 'json',
  };
}

/**
 * What vendors' prompt caches know a task by: tools and system messages, which come first; where there are none, its first
 * message. Null: it has no such beginning.
 */
export function promptOf(task: Task): string | null {
  if (task.kind !== 'chat') return null;
  const { messages, tools = [] } = task.request;
  const system = messages.filter(({ role }) => role === 'system');
  if (tools.length > 0 || system.length > 0) return JSON.stringify([tools, system]);
  return messages[0] ? JSON.stringify(messages[0]) : null;
}

/** About how many tokens a task's input has, and the most that its output may have. */
export function tokensOf(task: Task): { readonly input: number; readonly output: number } {
  switch (task.kind) {
    case 'chat':
      return { input: estimateInputTokens(task.request, approximateTokens), output: task.request.maxOutputTokens };
    case 'completion':
      return { input: estimateTexts([task.request.prompt]), output: task.request.maxOutputTokens };
    case 'embedding':
      return { input: estimateTexts(task.request.inputs), output: 0 };
  }
}

function estimateTexts(texts: readonly string[]): number {
  return estimateInputTokens({ messages: texts.map((content) => ({ role: 'user', content })) }, approximateTokens);
}

function hasPart(wanted: 'image' | 'file') {
  return ({ content }: ChatMessage) => typeof content !== 'string' && content.some(({ type }) => type === wanted);
}
