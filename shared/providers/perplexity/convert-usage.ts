import * as z from 'zod';
import type { Usage } from '../contract.ts';
import { unifyUsage } from '../convert/unify-usage.ts';
import { tokens } from '../openai-compatible/schemas.ts';

const usage = z.object({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  reasoning_tokens: tokens,
  citation_tokens: tokens,
  num_search_queries: tokens,
});

/**
 * Only `sonar-deep-research` reports reasoning, citations and searches. Reasoning is beside the completion, and the
 * total adds it; citations are text that it read, at the price of its input.
 */
export function convertUsage(raw: unknown): Usage | undefined {
  const { data } = usage.safeParse(raw);
  if (!data) return undefined;
  return unifyUsage({
    inputTokens: plus(data.prompt_tokens, data.citation_tokens),
    outputTokens: plus(data.completion_tokens, data.reasoning_tokens),
    reasoningTokens: data.reasoning_tokens,
    searches: data.num_search_queries,
  });
}

function plus(count: number | null | undefined, more: number | null | undefined): number | null | undefined {
  return count == null ? count : count + (more ?? 0);
}
