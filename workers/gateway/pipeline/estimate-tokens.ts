import { estimateTokenCount } from 'tokenx';
import { fromBase64 } from '../../../shared/crypto/bytes.ts';
import type { ChatMessage, ChatRequest } from '../../../shared/providers/contract.ts';
import { ESTIMATED_FILE_TOKENS, ESTIMATED_IMAGE_TOKENS, ESTIMATED_MESSAGE_TOKENS } from '../constants.ts';

type Part = Exclude<ChatMessage['content'], string>[number];
type Input = Pick<ChatRequest, 'messages' | 'tools' | 'responseFormat'>;

const DECODER = new TextDecoder();

/** About how many tokens a text has. */
export type CountTokens = (text: string) => number;

/**
 * About how many tokens the input of a chat has, for providers that do not count them. It goes by words and is no upper
 * bound; a picture, and a file that is no text, count as a constant.
 */
export function estimateInputTokens(
  { messages, tools, responseFormat }: Input,
  count: CountTokens = estimateTokenCount,
): number {
  const json = (value: unknown) => (value === undefined ? 0 : count(JSON.stringify(value)));
  let tokens = json(tools) + (responseFormat?.type === 'json' ? json(responseFormat) : 0);
  for (const message of messages) tokens += ESTIMATED_MESSAGE_TOKENS + estimateMessage(message, count);
  return tokens;
}

function estimateMessage(message: ChatMessage, count: CountTokens): number {
  const { content } = message;
  let tokens = 0;
  if (typeof content === 'string') tokens = count(content);
  else for (const part of content) tokens += estimatePart(part, count);
  if (message.role !== 'assistant') return tokens;
  for (const call of message.toolCalls ?? []) tokens += count(call.name + call.arguments);
  return tokens;
}

function estimatePart(part: Part, count: CountTokens): number {
  switch (part.type) {
    case 'image':
      return ESTIMATED_IMAGE_TOKENS;
    case 'file':
      return estimateFile(part, count);
    case 'text':
    case 'reasoning':
      return count(part.text);
  }
}

function estimateFile({ source, filename = '' }: Extract<Part, { type: 'file' }>, count: CountTokens): number {
  const isText = source.kind === 'base64' && source.mediaType.startsWith('text/');
  const bytes = isText ? fromBase64(source.data) : null;
  return count(filename) + (bytes ? count(DECODER.decode(bytes)) : ESTIMATED_FILE_TOKENS);
}
