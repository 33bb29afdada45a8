import type { Usage } from '../contract.ts';
import { unifyUsage } from '../convert/unify-usage.ts';
import type { GoogleUsage } from './schemas.ts';

/**
 * Gemini bills thoughts as output but counts them beside the candidates, and leaves out what is zero: a count that is
 * missing is zero only where the total proves it.
 */
export function convertUsage(usage: GoogleUsage | null | undefined): Usage | undefined {
  if (!usage) return undefined;
  const { promptTokenCount: prompt, candidatesTokenCount: candidates, thoughtsTokenCount: thoughts } = usage;
  const input = prompt == null ? undefined : prompt + (usage.toolUsePromptTokenCount ?? 0);
  const isOutputCounted = candidates != null || thoughts != null;
  return unifyUsage({
    inputTokens: input,
    outputTokens: isOutputCounted ? (candidates ?? 0) + (thoughts ?? 0) : difference(usage.totalTokenCount, input),
    cachedInputTokens: usage.cachedContentTokenCount,
    reasoningTokens: thoughts,
  });
}

function difference(total: number | null | undefined, part: number | undefined): number | undefined {
  return total == null || part === undefined || total < part ? undefined : total - part;
}
