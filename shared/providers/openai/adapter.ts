import { adaptIds } from '../convert/adapt-ids.ts';
import { convertFile } from '../openai-compatible/convert-file.ts';
import { createOpenaiAdapter } from '../openai-compatible/create-adapter.ts';
import { adaptEffort } from './adapt-effort.ts';
import { allowsStrict } from './allows-strict.ts';
import { FILE_TOKENS, IMAGE_TOKENS, TOOL_CALL_ID } from './constants.ts';

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
  adaptRequest: (request, model) =>
    adaptEffort({ ...request, messages: adaptIds(request.messages, TOOL_CALL_ID) }, model),
  convertFile,
  allowsStrict,
});
