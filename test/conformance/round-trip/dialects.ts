import type * as fc from 'fast-check';
import { anthropicMessagesRequest } from '../../../shared/contracts/http/anthropic/messages.ts';
import type { ChatInput } from '../../../shared/contracts/http/chat-input.ts';
import { openAiChatRequest } from '../../../shared/contracts/http/openai/chat-completions.ts';
import { openAiResponsesRequest } from '../../../shared/contracts/http/openai/responses.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import type { Result } from '../../../shared/errors/result.ts';
import { readRequest as readAnthropic } from '../../../workers/gateway/dialects/anthropic/read-request.ts';
import type { ReadRequest } from '../../../workers/gateway/dialects/dialect.ts';
import { droppedFields } from '../../../workers/gateway/dialects/dropped-fields.ts';
import { readRequest as readChat } from '../../../workers/gateway/dialects/openai-chat/read-request.ts';
import { readRequest as readResponses } from '../../../workers/gateway/dialects/openai-responses/read-request.ts';
import { messagesBody } from './arbitraries/anthropic.ts';
import { chatBody } from './arbitraries/openai-chat.ts';
import { responsesBody } from './arbitraries/openai-responses.ts';
import type { Reading } from './conversation.ts';
import type { MessagesBody } from './forms/anthropic.ts';
import type { ChatBody } from './forms/openai-chat.ts';
import type { ResponsesBody } from './forms/openai-responses.ts';
import { readMessagesBody } from './forms/read-anthropic.ts';
import { readChatBody } from './forms/read-openai-chat.ts';
import { readResponsesBody } from './forms/read-openai-responses.ts';

/** What the gateway makes of a body, and every warning of it. */
export interface Received {
  readonly input: ChatInput;
  readonly native: Readonly<Record<string, unknown>> | undefined;
  /** Of what no provider gets. */
  readonly warnings: readonly string[];
  /** Of what only a provider gets that speaks the dialect itself. */
  readonly unsaid: readonly string[];
  /** Of what such a provider does not get. */
  readonly unsent: readonly string[];
}

/** A conversation in a dialect: as the gateway reads it, and as the test does. */
export interface Case {
  readonly body: object;
  receive(): Received;
  read(): Reading;
}

/** A body of OpenAI's Chat Completions. */
export function fromChat(body: ChatBody): Case {
  return {
    body,
    receive: () => received(body, openAiChatRequest.parse(body), readChat),
    read: () => readChatBody(body),
  };
}

/** A body of Anthropic's Messages. */
export function fromMessages(body: MessagesBody): Case {
  return {
    body,
    receive: () => received(body, anthropicMessagesRequest.parse(body), readAnthropic),
    read: () => readMessagesBody(body),
  };
}

/** A body of OpenAI's Responses. */
export function fromResponses(body: ResponsesBody): Case {
  return {
    body,
    receive: () => received(body, openAiResponsesRequest.parse(body), readResponses),
    read: () => readResponsesBody(body),
  };
}

/** Conversations of each dialect. */
export const DIALECTS: readonly { readonly dialect: string; readonly cases: fc.Arbitrary<Case> }[] = [
  { dialect: 'OpenAI chat', cases: chatBody.map(fromChat) },
  { dialect: 'Anthropic messages', cases: messagesBody.map(fromMessages) },
  { dialect: 'OpenAI responses', cases: responsesBody.map(fromResponses) },
];

/** As the routes do: what the contract stripped is warned of too. */
function received<Parsed>(
  body: object,
  parsed: Parsed,
  readRequest: (parsed: Parsed) => Result<ReadRequest<ChatInput>, DomainError>,
): Received {
  const read = readRequest(parsed);
  if (!read.ok) throw new Error(read.error.detail);
  const { input, native, warnings, unsaid, unsent = [] } = read.value;
  const dropped = droppedFields(body, parsed).map((pointer) => `${pointer} was ignored: it is not offered here`);
  return { input, native: native?.body, warnings: [...warnings, ...dropped], unsaid, unsent };
}
