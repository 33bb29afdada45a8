import { createOpenaiAdapter } from '../openai-compatible/create-adapter.ts';
import { rateLimitHintsOf } from '../openai-compatible/rate-limit-hints.ts';
import { FILE_TOKENS, IMAGE_TOKENS } from './constants.ts';
import { adaptBody, adaptRequest, convertFile, convertReasoning, takesPrefix } from './convert-request.ts';

/** Mistral's Chat Completions and embeddings. https://docs.mistral.ai/api */
export const mistralAdapter = createOpenaiAdapter({
  provider: 'mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  apiVersion: 'v1',
  outputLimitField: 'max_tokens',
  unsupported: ['topK'],
  bounds: { imageTokens: IMAGE_TOKENS, fileTokens: FILE_TOKENS },
  hasStreamOptions: false,
  embeddings: { dimensionsField: 'output_dimension' },
  adaptRequest,
  adaptBody,
  convertFile,
  convertReasoning,
  takesPrefix,
  readRateLimitHints: rateLimitHintsOf('req-minute', 'tokens-minute'),
});
