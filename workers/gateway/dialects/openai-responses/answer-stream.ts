import type { ResponseOutputItem, ResponseOutputMessage } from 'openai/resources/responses/responses';
import type { Source, StreamPart } from '../../../../shared/providers/contract.ts';
import type { EventSequence } from './event-sequence.ts';
import { type ItemPlace, OpenCall, OpenMessage, OpenReasoning } from './open-items.ts';
import { citation } from './output-items.ts';

/** Turns the parts of a stream into the items of one answer, and into their events. */
export class AnswerStream {
  readonly #requestId: string;
  readonly #events: EventSequence;
  readonly #closed = new Map<number, ResponseOutputItem>();
  readonly #calls = new Map<string, OpenCall>();
  #count = 0;
  #reasoning: OpenReasoning | null = null;
  /** The text that is being written. */
  #message: OpenMessage | null = null;
  /** The latest text, still written or not. */
  #citing: OpenMessage | null = null;
  /** Sources that came before there was a text to cite them. */
  #waiting: Source[] = [];

  constructor(requestId: string, events: EventSequence) {
    this.#requestId = requestId;
    this.#events = events;
  }

  /** The events of a part. `group` is what came with it: a call's end in it tells the signature that its id carries. */
  accept(part: StreamPart, group: readonly StreamPart[]): string {
    switch (part.type) {
      case 'text-delta':
        return part.text === '' ? '' : this.#acceptText(part.text);
      case 'reasoning-delta':
        return part.text === '' ? '' : this.#acceptThought(part.text);
      case 'reasoning-end':
        return this.#endThought(part.signature);
      case 'tool-call-start':
        return this.#startCall(part, group);
      case 'tool-call-delta':
        return part.argumentsDelta === '' ? '' : (this.#calls.get(part.id)?.append(part.argumentsDelta) ?? '');
      case 'tool-call-end':
        return this.#endCall(part.call.id, part.call.arguments);
      case 'source':
        return this.#acceptSource(part.source);
      case 'response-start':
      case 'usage-update':
      case 'finish':
      case 'stream-error':
        return '';
    }
  }

  /** Closes what is still open: a text with `status`, and a call that has no end as incomplete. */
  end(status: ResponseOutputMessage['status']): string {
    let text = this.#endMessage(status);
    if (this.#reasoning) text += this.#endThought(undefined);
    for (const id of this.#calls.keys()) text += this.#endCall(id, undefined);
    return text;
  }

  /** The items in their order; all of them after `end`. */
  get items(): ResponseOutputItem[] {
    return [...this.#closed].toSorted(([one], [other]) => one - other).map(([, item]) => item);
  }

  #acceptText(text: string): string {
    if (this.#message) return this.#message.append(text);
    const message = new OpenMessage(this.#nextPlace());
    this.#message = message;
    this.#citing = message;
    let opening = message.open();
    for (const source of this.#waiting.splice(0)) opening += message.annotate(citation(source));
    return opening + message.append(text);
  }

  #acceptSource(source: Source): string {
    if (this.#citing) return this.#citing.annotate(citation(source));
    this.#waiting.push(source);
    return '';
  }

  #endMessage(status: ResponseOutputMessage['status']): string {
    if (!this.#message) return '';
    const { text, index, item } = this.#message.close(status);
    this.#message = null;
    this.#closed.set(index, item);
    return text;
  }

  #acceptThought(text: string): string {
    if (this.#reasoning) return this.#reasoning.append(text);
    const ended = this.#endMessage('completed');
    this.#reasoning = new OpenReasoning(this.#nextPlace());
    return ended + this.#reasoning.open() + this.#reasoning.append(text);
  }

  /** A thought that was not shown has no text before its end. */
  #endThought(signature: string | undefined): string {
    let opening = '';
    if (!this.#reasoning) {
      opening = this.#endMessage('completed');
      this.#reasoning = new OpenReasoning(this.#nextPlace());
      opening += this.#reasoning.open();
    }
    const { text, index, item } = this.#reasoning.close(signature);
    this.#reasoning = null;
    this.#closed.set(index, item);
    return opening + text;
  }

  #startCall({ id, name }: { readonly id: string; readonly name: string }, group: readonly StreamPart[]): string {
    const end = group.find((part) => part.type === 'tool-call-end' && part.call.id === id);
    const signature = end?.type === 'tool-call-end' ? end.call.signature : undefined;
    const ended = this.#endMessage('completed');
    const call = new OpenCall(this.#nextPlace(), { id, name, ...(signature !== undefined && { signature }) });
    this.#calls.set(id, call);
    return ended + call.open();
  }

  #endCall(id: string, whole: string | undefined): string {
    const call = this.#calls.get(id);
    if (!call) return '';
    this.#calls.delete(id);
    const { text, index, item } = call.close(whole);
    this.#closed.set(index, item);
    return text;
  }

  #nextPlace(): ItemPlace {
    return { requestId: this.#requestId, index: this.#count++, events: this.#events };
  }
}
