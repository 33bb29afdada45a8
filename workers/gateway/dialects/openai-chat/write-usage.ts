import type { CompletionUsage } from 'openai/resources/completions';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import { omitUndefined } from '../../../../shared/providers/convert/omit-undefined.ts';

/** Usage as OpenAI has it. Undefined unless both totals are known: the format has no word for unknown but none at all. */
export function writeUsage(usage: OrchestrateResponse['usage']) {
  if (usage?.inputTokens === undefined || usage.outputTokens === undefined) return undefined;
  const prompt = omitUndefined({
    cached_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    audio_tokens: usage.audioInputTokens,
  });
  const completion = omitUndefined({
    reasoning_tokens: usage.reasoningTokens,
    audio_tokens: usage.audioOutputTokens,
  });
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    ...(hasAny(prompt) && { prompt_tokens_details: prompt }),
    ...(hasAny(completion) && { completion_tokens_details: completion }),
  } satisfies CompletionUsage;
}

function hasAny(details: object): boolean {
  return Object.keys(details).length > 0;
}
