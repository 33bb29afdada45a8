import { convertFile } from './convert-file.ts';
import { createOpenaiAdapter } from './create-adapter.ts';

/**
 * Any server that speaks OpenAI's Chat Completions (vLLM, llama.cpp, OpenRouter, Azure's v1 API and others) at the base
 * URL of the account. It gets `max_tokens`, which all of them know. What an image or a file counts as is not known: the
 * bounds are more than any vendor documents for an image, and the largest context window for a file.
 */
export const openaiCompatibleAdapter = createOpenaiAdapter({
  provider: 'openai-compatible',
  apiVersion: 'v1',
  outputLimitField: 'max_tokens',
  unsupported: ['topK'],
  bounds: { imageTokens: 65_536, fileTokens: 1_048_576 },
  hasStreamOptions: true,
  isNative: true,
  hasCompletions: true,
  embeddings: {},
  convertFile,
});
