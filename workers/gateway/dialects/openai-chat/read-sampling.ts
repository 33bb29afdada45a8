import type { CompletionInput } from '../../../../shared/contracts/http/chat-input.ts';
import type { OpenAiCompletionRequest } from '../../../../shared/contracts/http/openai/completions.ts';
import { ignored } from '../../../../shared/providers/convert/warn-unsupported.ts';
import { DEFAULT_MAX_OUTPUT_TOKENS } from '../../constants.ts';
import type { Notes } from '../notes.ts';

/** The options of an answer that chats and completions share. */
export type ReadSampling = Pick<CompletionInput, 'maxOutputTokens' | 'temperature' | 'topP' | 'stop' | 'seed'>;

type Sampling = Pick<OpenAiCompletionRequest, 'temperature' | 'top_p' | 'stop' | 'seed' | 'stream_options'>;

/** Reads them. An output limit that is not set is named by `limitField` in the warning that says which applies. */
export function readSampling(
  { temperature, top_p, stop, seed, stream_options }: Sampling,
  maxOutputTokens: number | null | undefined,
  limitField: string,
  notes: Notes,
): ReadSampling {
  if (maxOutputTokens == null) notes.warnings.add(`${limitField} was not set: ${DEFAULT_MAX_OUTPUT_TOKENS} applies`);
  if (stream_options?.include_obfuscation != null) notes.warnings.add(ignored('stream_options.include_obfuscation'));
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  return {
    ...(maxOutputTokens != null && { maxOutputTokens }),
    ...(temperature != null && { temperature }),
    ...(top_p != null && { topP: top_p }),
    ...(stops.length > 0 && { stop: stops }),
    ...(seed != null && { seed }),
  };
}
