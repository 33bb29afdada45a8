import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import type { ChatRequest } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { splitSystem } from '../convert/split-system.ts';
import { warnUnsupported } from '../convert/warn-unsupported.ts';

/**
 * The body of `POST /chat/completions`: OpenAI's with the older `max_tokens`, without a seed, and with system messages
 * only at the front.
 */
export function convertRequest(
  request: ChatRequest,
  model: string,
): { body: ChatCompletionCreateParamsNonStreaming; warnings: readonly string[] } {
  const { system, turns, warnings } = splitSystem(request.messages);
  return {
    body: {
      model,
      messages: [...system.map((content) => ({ role: 'system', content }) as const), ...turns],
      max_tokens: request.maxOutputTokens,
      ...omitUndefined({ temperature: request.temperature, top_p: request.topP, stop: request.stop?.slice() }),
    },
    warnings: [...warnings, ...warnUnsupported(request, ['seed'])],
  };
}
