import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import type { StreamPart } from '../../../../shared/providers/contract.ts';
import type { StreamEncoder, StreamEnding, StreamStart } from '../../pipeline/stream-encoder.ts';
import { completedChatOutput } from '../chat-output.ts';
import { writeOpenAiError } from '../openai-error.ts';
import { signedId } from '../signed-ids.ts';
import { DONE, dataEvent, frameEvent, isUsageOnly } from './event-frame.ts';
import { chatId, writeExtras, writeFinishReason } from './write-answer.ts';
import { writeUsage } from './write-usage.ts';

type Choice = ChatCompletionChunk.Choice;

/** OpenAI documents the extras of a whole message only. */
type Delta = Choice['delta'] & ReturnType<typeof writeExtras>;

/**
 * Writes a streamed chat as OpenAI does (https://platform.openai.com/docs/api-reference/chat-streaming). Thoughts go as
 * `reasoning_content`, which OpenAI has not; sources, and thoughts that are signed, follow whole before the end.
 * `includeUsage` is `stream_options.include_usage`.
 */
export function createStreamEncoder({ includeUsage }: { readonly includeUsage: boolean }): StreamEncoder {
  const encoder = new ChatStreamEncoder(includeUsage);
  return includeUsage ? encoder : Object.assign(encoder, { hides: isUsageOnly });
}

interface OpenCall {
  readonly index: number;
  hasArguments: boolean;
}

class ChatStreamEncoder implements StreamEncoder {
  readonly #includeUsage: boolean;
  readonly #calls = new Map<string, OpenCall>();
  #chunk: Omit<ChatCompletionChunk, 'choices'> = { id: '', object: 'chat.completion.chunk', created: 0, model: '' };
  #head = '';
  #tail = '';
  #callCount = 0;

  constructor(includeUsage: boolean) {
    this.#includeUsage = includeUsage;
  }

  start({ requestId, startedAt, model }: StreamStart): string {
    const created = Math.floor(startedAt / 1000);
    this.#chunk = { id: chatId(requestId), object: 'chat.completion.chunk', created, model };
    const { head, tail } = frameEvent(this.#withChoice({}, null), 'delta', '{}');
    this.#head = head;
    this.#tail = tail;
    return dataEvent(this.#withChoice({ role: 'assistant' }, null));
  }

  parts(group: readonly StreamPart[]): string {
    let text = '';
    for (const part of group) text += this.#encode(part, group);
    return text;
  }

  end(ending: StreamEnding): string {
    if (ending.event !== 'completed') return this.failure(ending.error, ending.response.requestId);
    const output = completedChatOutput(ending.response);
    const extras = writeExtras(output);
    const usage = this.#includeUsage ? writeUsage(ending.response.usage) : undefined;
    const beforeLast = Object.keys(extras).length > 0 ? dataEvent(this.#withChoice(extras, null)) : '';
    const last = dataEvent(this.#withChoice({}, writeFinishReason(output.finishReason)));
    const counts = usage ? dataEvent({ ...this.#chunk, choices: [], usage } satisfies ChatCompletionChunk) : '';
    return beforeLast + last + counts + DONE;
  }

  failure(error: DomainError, requestId: string): string {
    return dataEvent(writeOpenAiError(error, requestId).body);
  }

  #withChoice(delta: Delta, finish_reason: Choice['finish_reason']): ChatCompletionChunk {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
    return { ...this.#chunk, choices, ...(this.#includeUsage && { usage: null }) };
  }

  #encode(part: StreamPart, group: readonly StreamPart[]): string {
    switch (part.type) {
      case 'text-delta':
        return `${this.#head}{"content":${JSON.stringify(part.text)}}${this.#tail}`;
      case 'reasoning-delta':
        return `${this.#head}{"reasoning_content":${JSON.stringify(part.text)}}${this.#tail}`;
      case 'tool-call-start':
        return this.#startCall(part, group);
      case 'tool-call-delta':
        return this.#writeArguments(part.id, part.argumentsDelta);
      case 'tool-call-end': {
        const isWritten = this.#calls.get(part.call.id)?.hasArguments;
        return isWritten || !part.call.arguments ? '' : this.#writeArguments(part.call.id, part.call.arguments);
      }
      case 'response-start':
      case 'reasoning-end':
      case 'source':
      case 'usage-update':
      case 'finish':
      case 'stream-error':
        return '';
    }
  }

  /** A call's signature comes with its end, and has to stand in its id: a provider that signs sends both in one group. */
  #startCall({ id, name }: { readonly id: string; readonly name: string }, group: readonly StreamPart[]): string {
    const index = this.#callCount++;
    this.#calls.set(id, { index, hasArguments: false });
    const end = group.find((part) => part.type === 'tool-call-end' && part.call.id === id);
    const whole = end?.type === 'tool-call-end' ? end.call : { id };
    const call = { index, id: signedId(whole), type: 'function', function: { name, arguments: '' } } as const;
    const delta = { tool_calls: [call] } satisfies Choice['delta'];
    return this.#head + JSON.stringify(delta) + this.#tail;
  }

  #writeArguments(id: string, text: string): string {
    const call = this.#calls.get(id);
    if (!call) return '';
    call.hasArguments = true;
    const delta = `{"tool_calls":[{"index":${call.index},"function":{"arguments":${JSON.stringify(text)}}}]}`;
    return this.#head + delta + this.#tail;
  }
}
