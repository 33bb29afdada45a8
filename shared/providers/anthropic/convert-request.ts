import type { MessageCreateParamsNonStreaming, TextBlockParam } from '@anthropic-ai/sdk/resources/messages';
import type { ChatRequest } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { splitSystem } from '../convert/split-system.ts';
import { warnUnsupported } from '../convert/warn-unsupported.ts';

/**
 * The body of `POST /messages`. API version 2026-10-21 refuses sampling parameters even at their defaults, see
 * https://platform.claude.com/docs/en/api/migration-2026-10-21
 */
export function convertRequest(
  request: ChatRequest,
  model: string,
): { body: MessageCreateParamsNonStreaming; warnings: readonly string[] } {
  const { system, turns, warnings } = splitSystem(request.messages);
  return {
    body: {
      model,
      max_tokens: request.maxOutputTokens,
      messages: [...turns],
      ...omitUndefined({ system: convertSystem(system), stop_sequences: request.stop?.slice() }),
    },
    warnings: [...warnings, ...warnUnsupported(request, ['temperature', 'topP', 'seed'])],
  };
}

function convertSystem(system: readonly string[]): string | TextBlockParam[] | undefined {
  return system.length > 1 ? system.map((text) => ({ type: 'text', text })) : system[0];
}
