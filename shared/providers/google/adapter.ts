import { boundTokens } from '../bound.ts';
import type { CallOptions, ProviderAdapterV1 } from '../contract.ts';
import { listing } from '../http/listing.ts';
import { postJson, postStream } from '../http/post-json.ts';
import { MAX_EMBEDDINGS_BYTES, MAX_FILE_TOKENS, MAX_IMAGE_TOKENS } from './constants.ts';
import { convertParts, convertSources } from './convert-answer.ts';
import { convertCount } from './convert-count.ts';
import { convertEmbedding } from './convert-embedding.ts';
import { convertRequest } from './convert-request.ts';
import { convertUsage } from './convert-usage.ts';
import { readFault } from './error.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { listingEndpoint, modelEndpoint } from './model-endpoint.ts';
import { createChunkReducer } from './reduce-chunk.ts';
import { embeddings, generation, tokenCount } from './schemas.ts';

function modelRequest(method: string, body: object, options: CallOptions) {
  return { provider: 'google', ...modelEndpoint(options, method), body, readFault, options } as const;
}

/**
 * Gemini, on its own API and on Vertex AI. A prompt that it blocks is answered with no text and `content-filter`, since
 * its input is billed. It tells nothing of the account's limits.
 */
export const googleAdapter: ProviderAdapterV1 = {
  specificationVersion: 'v1',
  provider: 'google',

  bound: (request) =>
    boundTokens(request, { provider: 'google', imageTokens: MAX_IMAGE_TOKENS, fileTokens: MAX_FILE_TOKENS }),

  async generate(request, options) {
    const { body, warnings } = convertRequest(request, options.model);
    const answer = await postJson({ ...modelRequest('generateContent', body, options), schema: generation });
    const candidate = answer.candidates?.[0];
    const message = convertParts(candidate?.content?.parts ?? [], options.generateId);
    const sources = convertSources(candidate?.groundingMetadata);
    return {
      message,
      finishReason: candidate ? mapFinishReason(candidate.finishReason, !!message.toolCalls) : 'content-filter',
      rawFinishReason: (candidate ? candidate.finishReason : answer.promptFeedback?.blockReason) ?? null,
      usage: convertUsage(answer.usageMetadata, { grounding: candidate?.groundingMetadata }),
      responseModel: answer.modelVersion ?? null,
      ...(sources.length > 0 && { sources }),
      warnings,
    };
  },

  async stream(request, options) {
    const { body, warnings } = convertRequest(request, options.model);
    const reducer = createChunkReducer(options.generateId);
    const call = modelRequest('streamGenerateContent?alt=sse', body, options);
    return { parts: await postStream({ ...call, reducer }), warnings };
  },

  async countTokens(request, options) {
    const call = modelRequest('countTokens', convertCount(request, options), options);
    return (await postJson({ ...call, schema: tokenCount })).totalTokens;
  },

  async embed(request, options) {
    const body = convertEmbedding(request, options);
    const schema = embeddings.refine((answer) => answer.embeddings.length === request.inputs.length);
    const sent = modelRequest('batchEmbedContents', body, options);
    const answer = await postJson({ ...sent, schema, maxAnswerBytes: MAX_EMBEDDINGS_BYTES });
    return {
      embeddings: answer.embeddings.map(({ values }) => values),
      usage: convertUsage(answer.usageMetadata),
      responseModel: null,
      warnings: [],
    };
  },

  async verify(options) {
    const call = { provider: 'google', ...listingEndpoint(options), readFault, options } as const;
    await postJson({ ...call, schema: listing });
  },
};
