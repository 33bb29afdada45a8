import { boundTokens, utf8LengthUnderNfkc } from '../bound.ts';
import type { LanguageModelAdapterV1 } from '../contract.ts';
import { apiUrl } from '../http/api-url.ts';
import { postJson } from '../http/post-json.ts';
import { convertRequest } from './convert-request.ts';
import { convertUsage } from './convert-usage.ts';
import { readFault } from './error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { message } from './schemas.ts';

const BASE_URL = 'https://api.anthropic.com/v1';
const API_VERSION = '2026-10-21';

/** Anthropic's Messages. Of the content blocks only text is answered; thinking counts as reasoning tokens. */
export const anthropicAdapter: LanguageModelAdapterV1 = {
  specificationVersion: 'v1',
  provider: 'anthropic',
  /** The one tokenizer that Anthropic published normalizes to NFKC first. */
  bound: (request) => boundTokens(request, utf8LengthUnderNfkc),

  async generate(request, options) {
    const { body, warnings } = convertRequest(request, options.model);
    const answer = await postJson({
      provider: 'anthropic',
      url: apiUrl(options.baseUrl ?? BASE_URL, '/messages', 'v1'),
      headers: { 'x-api-key': options.credentials.apiKey, 'anthropic-version': API_VERSION },
      body,
      schema: message,
      readFault,
      options,
    });
    const text = answer.content.map((block) => (block.type === 'text' ? (block.text ?? '') : ''));
    return {
      message: { role: 'assistant', content: text.join('') },
      finishReason: mapFinishReason(answer.stop_reason),
      rawFinishReason: answer.stop_reason ?? null,
      usage: convertUsage(answer.usage),
      responseModel: answer.model ?? null,
      warnings,
    };
  },
};
