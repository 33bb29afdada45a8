import { boundTokens } from '../bound.ts';
import type { LanguageModelAdapterV1 } from '../contract.ts';
import { apiUrl } from '../http/api-url.ts';
import { postJson } from '../http/post-json.ts';
import { convertRequest } from './convert-request.ts';
import { convertUsage } from './convert-usage.ts';
import { readFault } from './error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { completion } from './schemas.ts';

const BASE_URL = 'https://api.perplexity.ai';

/** Perplexity's Sonar. Its citations and search results are not read yet. */
export const perplexityAdapter: LanguageModelAdapterV1 = {
  specificationVersion: 'v1',
  provider: 'perplexity',
  bound: (request) => boundTokens(request),

  async generate(request, options) {
    const { body, warnings } = convertRequest(request, options.model);
    const answer = await postJson({
      provider: 'perplexity',
      url: apiUrl(options.baseUrl ?? BASE_URL, '/chat/completions'),
      headers: { authorization: `Bearer ${options.credentials.apiKey}` },
      body,
      schema: completion,
      readFault,
      options,
    });
    const [{ message, finish_reason: reason }] = answer.choices;
    const content = message.content ?? '';
    return {
      message: {
        role: 'assistant',
        content: typeof content === 'string' ? content : content.map((part) => part.text ?? '').join(''),
      },
      finishReason: mapFinishReason(reason),
      rawFinishReason: reason ?? null,
      usage: convertUsage(answer.usage),
      responseModel: answer.model ?? null,
      warnings,
    };
  },
};
