import { boundTokens, utf8LengthUnderNfkc } from '../bound.ts';
import type { CallOptions, GenerateResult, NativeRequest, ProviderAdapterV1, VerifyOptions } from '../contract.ts';
import { apiUrl } from '../http/api-url.ts';
import { listing } from '../http/listing.ts';
import { postJson, postNativeStream, postStream, postVerbatim } from '../http/post-json.ts';
import { API_VERSION, BASE_URL, MAX_DOCUMENT_TOKENS, MAX_IMAGE_TOKENS } from './constants.ts';
import { convertContent } from './convert-answer.ts';
import { convertCount } from './convert-count.ts';
import { betaHeader, convertNative } from './convert-native.ts';
import { convertRequest } from './convert-request.ts';
import { convertUsage } from './convert-usage.ts';
import { readFault } from './error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { readRateLimitHints } from './rate-limit-hints.ts';
import { createChunkReducer } from './reduce-chunk.ts';
import { type Message, message, tokenCount } from './schemas.ts';
import { takesPrefill } from './takes-prefill.ts';

function messagesRequest(body: object | undefined, options: VerifyOptions, path = '/messages') {
  return {
    provider: 'anthropic',
    url: apiUrl(options.baseUrl ?? BASE_URL, path, 'v1'),
    headers: { 'x-api-key': options.credentials.apiKey, 'anthropic-version': API_VERSION },
    body,
    readFault,
    readRateLimitHints,
    options,
  } as const;
}

/** A message as its client wrote it, and the beta features that it takes. */
function nativeCall(request: NativeRequest, options: CallOptions, asked: { readonly stream?: true } = {}) {
  const body = inRegion({ ...convertNative(request, options.model), ...asked }, options);
  const call = messagesRequest(body, options);
  return { ...call, headers: { ...call.headers, ...betaHeader(request) } };
}

/** Anthropic infers where the request says, anywhere if it does not. */
function inRegion(body: object, { region }: VerifyOptions): object {
  return region === undefined ? body : { ...body, inference_geo: region };
}

function readMessage(answer: Message, warnings: readonly string[]): GenerateResult {
  return {
    ...convertContent(answer.content),
    finishReason: mapFinishReason(answer.stop_reason),
    rawFinishReason: answer.stop_reason ?? null,
    usage: convertUsage(answer.usage),
    responseModel: answer.model ?? null,
    warnings,
  };
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
    const call = messagesRequest(inRegion(body, options), options);
    return readMessage(await postJson({ ...call, schema: message }), warnings);
  },

  async stream(request, options) {
    const { body, warnings } = convertRequest(request, options.model);
    const call = messagesRequest(inRegion({ ...body, stream: true }, options), options);
    return { parts: await postStream({ ...call, reducer: createChunkReducer() }), warnings };
  },

  native: {
    format: 'anthropic-messages',

    async generate(request, options) {
      const { text, answer } = await postVerbatim({ ...nativeCall(request, options), schema: message });
      return { text, result: readMessage(answer, []) };
    },

    async stream(request, options) {
      const call = nativeCall(request, options, { stream: true });
      return await postNativeStream({ ...call, createReducer: createChunkReducer });
    },
  },

  continuation: {
    takes: takesPrefill,

    async stream(request, begun, options) {
      const messages = [...request.messages, { role: 'assistant' as const, content: begun }];
      return await anthropicAdapter.stream({ ...request, messages }, options);
    },
  },

  async countTokens(request, options) {
    const call = messagesRequest(convertCount(request, options.model), options, '/messages/count_tokens');
    return (await postJson({ ...call, schema: tokenCount })).input_tokens;
  },

  async verify(options) {
    await postJson({ ...messagesRequest(undefined, options, '/models?limit=1'), schema: listing });
  },
};
