import { boundTokens } from '../bound.ts';
import type { LanguageModelAdapterV1 } from '../contract.ts';
import { apiUrl } from '../http/api-url.ts';
import { postJson } from '../http/post-json.ts';
import { convertRequest } from './convert-request.ts';
import { convertUsage } from './convert-usage.ts';
import { readFault } from './error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { completion } from './schemas.ts';

const BASE_URL = 'https://api.openai.com/v1';

/** OpenAI's Chat Completions. A refusal of the model is its answer, with `content-filter` as the reason. */
export const openaiAdapter: LanguageModelAdapterV1 = {
  specificationVersion: 'v1',
  provider: 'openai',
  bound: (request) => boundTokens(request),

  async generate(request, options) {
    const answer = await postJson({
      provider: 'openai',
      url: apiUrl(options.baseUrl ?? BASE_URL, '/chat/completions', 'v1'),
      headers: { authorization: `Bearer ${options.credentials.apiKey}` },
      body: convertRequest(request, options.model),
      schema: completion,
      readFault,
      options,
    });
    const [{ message, finish_reason: reason }] = answer.choices;
    return {
      message: { role: 'assistant', content: message.content ?? message.refusal ?? '' },
      finishReason: message.refusal ? 'content-filter' : mapFinishReason(reason),
      rawFinishReason: reason ?? null,
      usage: convertUsage(answer.usage),
      responseModel: answer.model ?? null,
      warnings: [],
    };
  },
};
