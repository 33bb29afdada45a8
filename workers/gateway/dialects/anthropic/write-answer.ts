import type { ContentBlock, Message, RedactedThinkingBlock, ThinkingBlock } from '@anthropic-ai/sdk/resources/messages';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import { REDACTED_PREFIX } from '../../../../shared/providers/anthropic/constants.ts';
import type { ProviderName, ReasoningPart } from '../../../../shared/providers/contract.ts';
import { parseArguments } from '../../../../shared/providers/convert/parse-arguments.ts';
import { chatOutputOf } from '../chat-output.ts';
import { signedId } from '../signed-ids.ts';
import { markSignature } from './signature-mark.ts';
import { emptyMessage, emptyToolUse, writeStopReason, writeUsage } from './write-message.ts';

/**
 * The answer of a chat as a message of Anthropic's: thoughts, text, calls. Sources are left out, since a citation of a
 * search needs what only Anthropic's own search gives. https://platform.claude.com/docs/en/api/messages/create
 */
export function writeAnswer(response: OrchestrateResponse): Message {
  const { requestId, provider, model, usage } = response;
  const message = emptyMessage(requestId, model);
  return {
    ...message,
    content: writeContent(response, provider),
    stop_reason: writeStopReason(response),
    usage: { ...message.usage, ...writeUsage(usage) },
  };
}

function writeContent(response: OrchestrateResponse, provider: ProviderName): ContentBlock[] {
  const { content = '', reasoning = [], toolCalls = [] } = chatOutputOf(response)?.message ?? {};
  return [
    ...reasoning.map((part) => writeThinking(part, provider)),
    ...(content === '' ? [] : [{ type: 'text', text: content, citations: null } as const]),
    ...toolCalls.map(({ id, name, arguments: text, signature }) => ({
      ...emptyToolUse(signedId({ id, ...(signature !== undefined && { signature }) }), name),
      input: parseArguments(text),
    })),
  ];
}

/** A thought that nobody signed has an empty signature. */
function writeThinking(
  { text, signature }: Pick<ReasoningPart, 'text'> & { readonly signature?: string | undefined },
  provider: ProviderName,
): ThinkingBlock | RedactedThinkingBlock {
  if (signature?.startsWith(REDACTED_PREFIX)) {
    return { type: 'redacted_thinking', data: signature.slice(REDACTED_PREFIX.length) };
  }
  return { type: 'thinking', thinking: text, signature: signature ? markSignature(signature, provider) : '' };
}
