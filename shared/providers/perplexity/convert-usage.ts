import type { Usage } from '../contract.ts';
import { unifyUsage } from '../convert/unify-usage.ts';
import type { PerplexityUsage } from './schemas.ts';

/** Only `sonar-deep-research` reports reasoning, and beside the completion: the total adds it. */
export function convertUsage(usage: PerplexityUsage | null | undefined): Usage | undefined {
  if (!usage) return undefined;
  const { completion_tokens: completion, reasoning_tokens: reasoning } = usage;
  return unifyUsage({
    inputTokens: usage.prompt_tokens,
    outputTokens: completion == null ? undefined : completion + (reasoning ?? 0),
    reasoningTokens: reasoning,
  });
}
