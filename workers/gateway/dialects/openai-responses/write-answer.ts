import type { ResponseOutputItem } from 'openai/resources/responses/responses';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import { chatOutputOf } from '../chat-output.ts';
import { type Answer, endedAnswer, outcomeOf } from './answer-object.ts';
import type { Echo } from './echo.ts';
import { callItem, citation, itemId, messageItem, reasoningItem, textPart } from './output-items.ts';

/** What an answer repeats, and when its request began, in epoch milliseconds. */
export interface WriteOptions {
  readonly echo: Echo;
  readonly startedAt: number;
}

/**
 * The Response object of an answer to a chat (https://platform.openai.com/docs/api-reference/responses/object): thoughts,
 * then the message with its sources, then tool calls. An empty text is no message. Warnings are not the body's to say.
 */
export function writeAnswer(response: OrchestrateResponse, { echo, startedAt }: WriteOptions): Answer {
  const { requestId, model } = response;
  return endedAnswer({ requestId, model, startedAt, echo }, response, writeItems(response));
}

function writeItems(response: OrchestrateResponse): ResponseOutputItem[] {
  const chat = chatOutputOf(response);
  if (!chat) return [];
  const { content, reasoning = [], toolCalls = [] } = chat.message;
  const { requestId } = response;
  const isCut = outcomeOf(response).status !== 'completed' && toolCalls.length === 0;
  const items: ResponseOutputItem[] = reasoning.map(({ text, signature }, index) =>
    reasoningItem(itemId('rs', requestId, index), { text, ...(signature !== undefined && { signature }) }),
  );
  if (content !== '') {
    const part = textPart(content, (chat.sources ?? []).map(citation));
    items.push(messageItem(itemId('msg', requestId, items.length), isCut ? 'incomplete' : 'completed', [part]));
  }
  for (const { id, name, arguments: text, signature } of toolCalls) {
    const call = { id, name, arguments: text, ...(signature !== undefined && { signature }) };
    items.push(callItem(itemId('fc', requestId, items.length), 'completed', call));
  }
  return items;
}
