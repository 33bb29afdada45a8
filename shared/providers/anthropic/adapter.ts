import { boundTokens, utf8LengthUnderNfkc } from '../bound.ts';
import type { CallOptions, ProviderAdapterV1 } from '../contract.ts';
import { apiUrl } from '../http/api-url.ts';
import { postJson, postStream } from '../http/post-json.ts';
import { API_VERSION, BASE_URL, MAX_DOCUMENT_TOKENS, MAX_IMAGE_TOKENS } from './constants.ts';
import { convertContent } from './convert-answer.ts';
import { convertRequest } from './convert-request.ts';
import { convertUsage } from './convert-usage.ts';
import { readFault } from './error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { readRateLimitHints } from './rate-limit-hints.ts';
import { createChunkReducer } from './reduce-chunk.ts';
import { message } from './schemas.ts';

function messagesRequest(body: object, options: CallOptions) {
  return {
    provider: 'anthropic',
    url: apiUrl(options.baseUrl ?? BASE_URL, '/messages', 'v1'),
    headers: { 'x-api-key': options.credentials.apiKey, 'anthropic-version': API_VERSION },
    body,
    readFault,
    readRateLimitHints,
    options,
  } as const;
}

/** Anthropic's Messages. */
export const anthropicAdapter: ProviderAdapterV1 = {
  specificationVersion: 'v1',
  provider: 'anthropic',

  /** The one tokenizer that Anthropic published normalizes to NFKC first. */
  bound: (request) =>
    boundTokens(request, {
      provider: 'anthropic',
      imageTokens: MAX_IMAGE_TOKENS,
      fileTokens: MAX_DOCUMENT_TOKENS,
      lengthOf: utf8LengthUnderNfkc,
    }),

  async generate(request, options) {
    const { body, warnings } = convertRequest(request, options.model);
    const answer = await postJson({ ...messagesRequest(body, options), schema: message });
    return {
      ...convertContent(answer.content),
      finishReason: mapFinishReason(answer.stop_reason),
      rawFinishReason: answer.stop_reason ?? null,
      usage: convertUsage(answer.usage),
      responseModel: answer.model ?? null,
      warnings,
    };
  },

  async stream(request, options) {
    const { body, warnings } = convertRequest(request, options.model);
    const reducer = createChunkReducer(warnings);
    return await postStream({ ...messagesRequest({ ...body, stream: true }, options), reducer });
  },
};
