import type { Completion, CompletionChoice } from 'openai/resources/completions';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import type { StreamPart } from '../../../../shared/providers/contract.ts';
import type { StreamEncoder, StreamEnding, StreamStart } from '../../pipeline/stream-encoder.ts';
import { DONE, dataEvent, frameEvent } from '../openai-chat/event-frame.ts';
import { writeUsage } from '../openai-chat/write-usage.ts';
import { writeOpenAiError } from '../openai-error.ts';
import { completionId, writeFinishReason } from './write-answer.ts';

/** As OpenAI documents it, but for what it sends before the last chunk: no reason yet, and no usage. */
type Chunk = Omit<Completion, 'choices' | 'usage'> & {
  choices: (Omit<CompletionChoice, 'finish_reason'> & { finish_reason: CompletionChoice['finish_reason'] | null })[];
  usage?: Completion['usage'] | null;
};

/**
 * Writes a streamed completion as OpenAI does (https://platform.openai.com/docs/api-reference/completions): its text,
 * and nothing else of what a model that chats may say. `includeUsage` is `stream_options.include_usage`.
 */
export function createStreamEncoder({ includeUsage }: { readonly includeUsage: boolean }): StreamEncoder {
  return new CompletionStreamEncoder(includeUsage);
}

class CompletionStreamEncoder implements StreamEncoder {
  readonly #includeUsage: boolean;
  #chunk: Omit<Chunk, 'choices'> = { id: '', object: 'text_completion', created: 0, model: '' };
  #head = '';
  #tail = '';

  constructor(includeUsage: boolean) {
    this.#includeUsage = includeUsage;
  }

  start({ requestId, startedAt, model }: StreamStart): string {
    const created = Math.floor(startedAt / 1000);
    this.#chunk = { id: completionId(requestId), object: 'text_completion', created, model };
    const { head, tail } = frameEvent(this.#withReason(null), 'text', '""');
    this.#head = head;
    this.#tail = tail;
    return '';
  }

  parts(group: readonly StreamPart[]): string {
    let text = '';
    for (const part of group) {
      if (part.type === 'text-delta') text += this.#head + JSON.stringify(part.text) + this.#tail;
    }
    return text;
  }

  end(ending: StreamEnding): string {
    if (ending.event !== 'completed') return this.failure(ending.error, ending.response.requestId);
    const last = dataEvent(this.#withReason(writeFinishReason(ending.response)));
    const usage = this.#includeUsage ? writeUsage(ending.response.usage) : undefined;
    const counts = usage ? dataEvent({ ...this.#chunk, choices: [], usage } satisfies Chunk) : '';
    return last + counts + DONE;
  }

  failure(error: DomainError, requestId: string): string {
    return dataEvent(writeOpenAiError(error, requestId).body);
  }

  #withReason(finish_reason: Chunk['choices'][number]['finish_reason']): Chunk {
    const choices = [{ text: '', index: 0, logprobs: null, finish_reason }];
    return { ...this.#chunk, choices, ...(this.#includeUsage && { usage: null }) };
  }
}
