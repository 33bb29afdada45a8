import { createOpenaiAdapter } from '../openai-compatible/create-adapter.ts';
import { MAX_SEARCHES, MEDIA_TOKENS } from './constants.ts';
import { adaptBody, adaptRequest, convertFile } from './convert-request.ts';
import { convertUsage } from './convert-usage.ts';
import { decodeInt8 } from './decode-int8.ts';
import { readSources } from './read-sources.ts';

/** Perplexity's Sonar and its embeddings. https://docs.perplexity.ai/api-reference/chat-completions-post */
export const perplexityAdapter = createOpenaiAdapter({
  provider: 'perplexity',
  baseUrl: 'https://api.perplexity.ai',
  outputLimitField: 'max_tokens',
  unsupported: ['seed', 'tools', 'toolChoice', 'parallelToolCalls'],
  bounds: { imageTokens: MEDIA_TOKENS, fileTokens: MEDIA_TOKENS, searches: MAX_SEARCHES },
  hasStreamOptions: false,
  /** https://github.com/perplexityai/api-discussion/issues/209 */
  mayEndWithoutDone: true,
  /** https://docs.perplexity.ai/api-reference/async-sonar-get: models cannot be listed. */
  listingPath: '/v1/async/sonar',
  embeddings: { path: '/v1/embeddings', encodingFormat: 'base64_int8', decode: decodeInt8 },
  adaptRequest,
  adaptBody,
  convertFile,
  convertUsage,
  readSources,
});
