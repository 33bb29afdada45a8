import { boundTokens } from '../bound.ts';
import type { Continuation, NativeCalls, ProviderAdapterV1, VerifyOptions } from '../contract.ts';
import { apiUrl } from '../http/api-url.ts';
import { listing } from '../http/listing.ts';
import { type JsonRequest, postJson, postNativeStream, postStream, postVerbatim } from '../http/post-json.ts';
import { ProviderError } from '../provider-error.ts';
import { MAX_EMBEDDINGS_BYTES } from './constants.ts';
import { convertNative } from './convert-native.ts';
import { convertCompletion, convertEmbedding, convertRequest } from './convert-request.ts';
import { dropEcho } from './drop-echo.ts';
import { readFault } from './error.ts';
import { readRateLimitHints } from './rate-limit-hints.ts';
import { readChatCompletion, readEmbeddings, readTextCompletion } from './read-answer.ts';
import { createChunkReducer } from './reduce-chunk.ts';
import { createCompletionReducer } from './reduce-completion-chunk.ts';
import { chatCompletion, embeddingList, textCompletion } from './schemas.ts';
import type { EmbeddingsShape, OpenaiVendor } from './vendor.ts';

/** The adapter of a vendor that speaks OpenAI's Chat Completions, from what is particular of it. */
export function createOpenaiAdapter(vendor: OpenaiVendor): ProviderAdapterV1 {
  const { provider, bounds, embeddings } = vendor;
  return {
    specificationVersion: 'v1',
    provider,

    bound(request) {
      const { searches } = bounds;
      const tokens = boundTokens(request, { provider, ...bounds });
      return searches === undefined ? tokens : { ...tokens, searches };
    },

    async generate(request, options) {
      const { body, warnings } = convertRequest(vendor, request, options.model);
      const call = describeCall(vendor, '/chat/completions', body, options);
      const answer = await postJson({ ...call, schema: chatCompletion });
      return readChatCompletion(vendor, answer, { warnings, generateId: options.generateId });
    },

    async stream(request, options) {
      const { body, warnings } = convertRequest(vendor, request, options.model);
      const call = describeCall(vendor, '/chat/completions', { ...body, ...streamFields(vendor) }, options);
      const reducer = createChunkReducer(vendor, options.generateId);
      return { parts: await postStream({ ...call, reducer }), warnings };
    },

    ...(vendor.isNative && { native: nativeOf(vendor) }),
    ...(vendor.takesPrefix && { continuation: { takes: vendor.takesPrefix, stream: continueWith(vendor) } }),
    ...(vendor.hasCompletions && { complete: completeWith(vendor), streamCompletion: streamCompletionWith(vendor) }),
    ...(embeddings && { embed: embedWith(vendor, embeddings) }),

    async verify(options) {
      await postJson({ ...describeCall(vendor, vendor.listingPath ?? '/models', undefined, options), schema: listing });
    },
  };
}

/** What asks for a stream, and for its usage where the vendor does not tell it unasked. */
function streamFields({ hasStreamOptions }: OpenaiVendor): object {
  return { stream: true, ...(hasStreamOptions && { stream_options: { include_usage: true } }) };
}

function nativeOf(vendor: OpenaiVendor): NativeCalls {
  return {
    format: 'openai-chat',

    async generate(request, options) {
      const call = describeCall(vendor, '/chat/completions', convertNative(vendor, request, options.model), options);
      const { text, answer } = await postVerbatim({ ...call, schema: chatCompletion });
      const { generateId } = options;
      return { text, result: readChatCompletion(vendor, answer, { warnings: [], generateId }) };
    },

    async stream(request, options) {
      const body = { ...convertNative(vendor, request, options.model), ...streamFields(vendor) };
      const call = describeCall(vendor, '/chat/completions', body, options);
      const createReducer = () => createChunkReducer(vendor, options.generateId);
      return await postNativeStream({ ...call, createReducer });
    },
  };
}

function continueWith(vendor: OpenaiVendor): Continuation['stream'] {
  return async (request, begun, options) => {
    const { body, warnings } = convertRequest(vendor, request, options.model, begun);
    const call = describeCall(vendor, '/chat/completions', { ...body, ...streamFields(vendor) }, options);
    const reducer = createChunkReducer(vendor, options.generateId);
    return { parts: dropEcho(await postStream({ ...call, reducer }), begun), warnings };
  };
}

function completeWith(vendor: OpenaiVendor): NonNullable<ProviderAdapterV1['complete']> {
  return async (request, options) => {
    const call = describeCall(vendor, '/completions', convertCompletion(request, options.model), options);
    return readTextCompletion(await postJson({ ...call, schema: textCompletion }));
  };
}

function streamCompletionWith(vendor: OpenaiVendor): NonNullable<ProviderAdapterV1['streamCompletion']> {
  return async (request, options) => {
    const body = { ...convertCompletion(request, options.model), ...streamFields(vendor) };
    const call = describeCall(vendor, '/completions', body, options);
    return { parts: await postStream({ ...call, reducer: createCompletionReducer(vendor.provider) }), warnings: [] };
  };
}

function embedWith(vendor: OpenaiVendor, shape: EmbeddingsShape): NonNullable<ProviderAdapterV1['embed']> {
  return async (request, options) => {
    const body = convertEmbedding(shape, request, options.model);
    const call = describeCall(vendor, shape.path ?? '/embeddings', body, options);
    const answer = await postJson({ ...call, schema: embeddingList, maxAnswerBytes: MAX_EMBEDDINGS_BYTES });
    return readEmbeddings(vendor, shape, answer, request.inputs.length);
  };
}

function describeCall(
  vendor: OpenaiVendor,
  path: string,
  body: object | undefined,
  options: VerifyOptions,
): JsonRequest {
  const { provider, apiVersion } = vendor;
  const base = options.baseUrl ?? vendor.baseUrl;
  if (!base) throw ProviderError.of('auth', `${provider} cannot be called: the account names no address`);
  return {
    provider,
    url: apiUrl(base, path, apiVersion),
    headers: { authorization: `Bearer ${options.credentials.apiKey}` },
    body,
    readFault,
    readRateLimitHints: vendor.readRateLimitHints ?? readRateLimitHints,
    options,
  };
}
