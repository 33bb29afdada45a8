import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { REDACTED_PREFIX } from '../../../../shared/providers/anthropic/constants.ts';
import type { StreamPart, ToolCall } from '../../../../shared/providers/contract.ts';
import type { StreamEncoder, StreamEnding, StreamStart } from '../../pipeline/stream-encoder.ts';
import { signedId } from '../signed-ids.ts';
import { BlockQueue, type QueuedBlock } from './block-queue.ts';
import { markSignature } from './signature-mark.ts';
import { streamEvent } from './stream-event.ts';
import { toErrorBody } from './write-error.ts';
import { emptyMessage, emptyToolUse, writeStopReason, writeUsage } from './write-message.ts';

/**
 * Writes a streamed chat as Anthropic does (https://platform.claude.com/docs/en/build-with-claude/streaming). The message
 * starts with its first parts, so that it can tell the input's tokens where they are known by then. Sources are left out,
 * as `writeAnswer` does.
 */
export function createStreamEncoder(): StreamEncoder {
  return new MessageStreamEncoder();
}

class MessageStreamEncoder implements StreamEncoder {
  readonly #blocks = new BlockQueue();
  readonly #calls = new Map<string, QueuedBlock>();
  #start: StreamStart | null = null;
  #provider: StreamStart['provider'] = 'anthropic';

  start(start: StreamStart): string {
    this.#start = start;
    this.#provider = start.provider;
    return '';
  }

  parts(group: readonly StreamPart[]): string {
    const begin = this.#begin(group);
    for (const part of group) this.#accept(part, group);
    return begin + this.#blocks.take();
  }

  end(ending: StreamEnding): string {
    const { response } = ending;
    if (ending.event !== 'completed') return this.failure(ending.error, response.requestId);
    const begin = this.#begin([]);
    this.#blocks.endAll();
    const delta = {
      stop_reason: writeStopReason(response),
      stop_sequence: null,
      stop_details: null,
      container: null,
    };
    const usage = writeUsage(response.usage);
    const last = streamEvent({ type: 'message_delta', delta, usage }) + streamEvent({ type: 'message_stop' });
    return begin + this.#blocks.take() + last;
  }

  failure(error: DomainError, requestId: string): string {
    return streamEvent(toErrorBody(error, requestId));
  }

  /** The message's start, once. */
  #begin(group: readonly StreamPart[]): string {
    if (!this.#start) return '';
    const { requestId, model } = this.#start;
    this.#start = null;
    const message = emptyMessage(requestId, model);
    const told = group.find((part) => part.type === 'usage-update')?.usage.unified;
    if (!told) return streamEvent({ type: 'message_start', message });
    const { outputTokens: _, reasoningTokens: __, ...input } = told; // clients add up what both ends tell of the output
    return streamEvent({
      type: 'message_start',
      message: { ...message, usage: { ...message.usage, ...writeUsage(input) } },
    });
  }

  #accept(part: StreamPart, group: readonly StreamPart[]): void {
    switch (part.type) {
      case 'text-delta':
        this.#write('text', part.text);
        return;
      case 'reasoning-delta':
        this.#write('thinking', part.text);
        return;
      case 'reasoning-end':
        this.#endThought(part.signature);
        return;
      case 'tool-call-start':
        this.#startCall(part, group);
        return;
      case 'tool-call-delta':
        this.#extendCall(part.id, part.argumentsDelta);
        return;
      case 'tool-call-end':
        this.#endCall(part.call);
        return;
      case 'response-start':
      case 'source':
      case 'usage-update':
      case 'finish':
      case 'stream-error':
        return;
    }
  }

  #write(type: 'text' | 'thinking', text: string): void {
    if (text === '') return;
    const { last } = this.#blocks;
    if (last?.type === type && !last.isEnded) {
      this.#blocks.append(last, text);
    } else {
      this.#endText();
      this.#blocks.append(type === 'text' ? this.#beginText() : this.#beginThought(), text);
    }
  }

  #beginText(): QueuedBlock {
    return this.#blocks.begin({ type: 'text', text: '', citations: null });
  }

  #beginThought(): QueuedBlock {
    return this.#blocks.begin({ type: 'thinking', thinking: '', signature: '' });
  }

  /** Ends what was written so far but for a call, which says itself when it ends. */
  #endText(): void {
    const { last } = this.#blocks;
    if (last && last.type !== 'tool_use') this.#blocks.end(last);
  }

  /** A signature without a thought is one of a thought that was not shown. */
  #endThought(signature: string | undefined): void {
    const { last } = this.#blocks;
    const isOpen = last?.type === 'thinking' && !last.isEnded;
    if (signature?.startsWith(REDACTED_PREFIX)) {
      this.#endText();
      const data = signature.slice(REDACTED_PREFIX.length);
      this.#blocks.end(this.#blocks.begin({ type: 'redacted_thinking', data }));
    } else if (signature) {
      if (!isOpen) this.#endText();
      this.#blocks.end(isOpen ? last : this.#beginThought(), markSignature(signature, this.#provider));
    } else if (isOpen) {
      this.#blocks.end(last);
    }
  }

  /** A call's signature comes with its end, and has to stand in its id: a provider that signs sends both in one group. */
  #startCall({ id, name }: { readonly id: string; readonly name: string }, group: readonly StreamPart[]): void {
    this.#endText();
    const end = group.find((part) => part.type === 'tool-call-end' && part.call.id === id);
    const whole = end?.type === 'tool-call-end' ? end.call : { id };
    this.#calls.set(id, this.#blocks.begin(emptyToolUse(signedId(whole), name)));
  }

  #extendCall(id: string, text: string): void {
    const block = this.#calls.get(id);
    if (block) this.#blocks.append(block, text);
  }

  #endCall({ id, arguments: text }: ToolCall): void {
    const block = this.#calls.get(id);
    if (!block) return;
    this.#calls.delete(id);
    if (!block.hasText) this.#blocks.append(block, text);
    this.#blocks.end(block);
  }
}
