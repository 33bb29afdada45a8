import type { ChatCompletion, ChatCompletionMessage } from 'openai/resources/chat/completions';
import type { OpenAiChatCompletion } from '../../../../shared/contracts/http/openai/chat-completions.ts';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import { type ChatOutput, completedChatOutput } from '../chat-output.ts';
import { signedId } from '../signed-ids.ts';
import { writeUsage } from './write-usage.ts';

type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls';

const FINISH_REASONS = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content_filter',
  'tool-calls': 'tool_calls',
  error: 'stop',
  other: 'stop',
  unknown: 'stop',
} as const satisfies Record<ChatOutput['finishReason'], FinishReason>;

/** The id that a chat's answer and all its chunks have. */
export function chatId(requestId: string): string {
  return `chatcmpl-${requestId}`;
}

/** Why the model stopped, in OpenAI's words; where it has none for it, `stop`. */
export function writeFinishReason(reason: ChatOutput['finishReason']): FinishReason {
  return FINISH_REASONS[reason];
}

/**
 * The answer to a chat as OpenAI writes it (https://platform.openai.com/docs/api-reference/chat/object). Usage is absent
 * where it is not known. `createdMs` is epoch milliseconds.
 */
export function writeAnswer(response: OrchestrateResponse, createdMs: number): OpenAiChatCompletion {
  const output = completedChatOutput(response);
  const { content, reasoning = [], toolCalls = [] } = output.message;
  const usage = writeUsage(response.usage);
  const thought = reasoning.map(({ text }) => text).join('');
  return {
    id: chatId(response.requestId),
    object: 'chat.completion',
    created: Math.floor(createdMs / 1000),
    model: response.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: toolCalls.length > 0 ? content || null : content,
          refusal: null,
          ...(toolCalls.length > 0 && { tool_calls: toolCalls.map(writeToolCall) }),
          ...(thought && { reasoning_content: thought }),
          ...writeExtras(output),
        },
        finish_reason: writeFinishReason(output.finishReason),
        logprobs: null,
      },
    ],
    ...(usage && { usage }),
  } satisfies ChatCompletion;
}

function writeToolCall(call: NonNullable<ChatOutput['message']['toolCalls']>[number]) {
  return {
    id: signedId({ id: call.id, ...(call.signature !== undefined && { signature: call.signature }) }),
    type: 'function' as const,
    function: { name: call.name, arguments: call.arguments },
  };
}

type Annotation = NonNullable<ChatCompletionMessage['annotations']>[number];

/**
 * What a message has beside its text and calls: its sources, whose place in the text is not known, and its thoughts with
 * their proofs, where it has any. A stream tells both at its end.
 */
export function writeExtras({ sources = [], message: { reasoning = [] } }: ChatOutput) {
  const annotations = sources.map(({ url, title = url }) => ({
    type: 'url_citation' as const,
    url_citation: { url, title, start_index: 0, end_index: 0 },
  })) satisfies Annotation[];
  const details = reasoning.map(({ text, signature }, index) => ({
    type: 'reasoning.text' as const,
    text,
    ...(signature !== undefined && { signature }),
    index,
  }));
  const isSigned = reasoning.some(({ signature }) => signature !== undefined);
  return {
    ...(annotations.length > 0 && { annotations }),
    ...(isSigned && { reasoning_details: details }),
  };
}
