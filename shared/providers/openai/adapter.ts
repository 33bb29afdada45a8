import { convertFile } from '../openai-compatible/convert-file.ts';
import { createOpenaiAdapter } from '../openai-compatible/create-adapter.ts';
import { adaptEffort } from './adapt-effort.ts';
import { allowsStrict } from './allows-strict.ts';
import { FILE_TOKENS, IMAGE_TOKENS } from './constants.ts';

/** OpenAI's Chat Completions, legacy completions and embeddings: the format that the core is written for. */
export const openaiAdapter = createOpenaiAdapter({
  provider: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  apiVersion: 'v1',
  outputLimitField: 'max_completion_tokens',
  unsupported: ['topK'],
  /** Searches are billed apart, and nothing in an answer counts them. */
  reservedOptions: ['websearchoptions'],
  bounds: { imageTokens: IMAGE_TOKENS, fileTokens: FILE_TOKENS },
  hasStreamOptions: true,
  isNative: true,
  hasCompletions: true,
  embeddings: {},
  adaptRequest: adaptEffort,
  convertFile,
  allowsStrict,
});
