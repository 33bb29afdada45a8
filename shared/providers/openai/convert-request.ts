import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import type { ChatRequest } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';

/** The body of `POST /chat/completions`. OpenAI has every option, though not in every model: it then says so. */
export function convertRequest(request: ChatRequest, model: string): ChatCompletionCreateParamsNonStreaming {
  return {
    model,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    max_completion_tokens: request.maxOutputTokens,
    ...omitUndefined({
      temperature: request.temperature,
      top_p: request.topP,
      stop: request.stop?.slice(),
      seed: request.seed,
    }),
  };
}
