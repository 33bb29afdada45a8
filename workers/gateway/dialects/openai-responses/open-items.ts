import type {
  ResponseOutputItem,
  ResponseOutputMessage,
  ResponseOutputText,
} from 'openai/resources/responses/responses';
import type { ToolCall } from '../../../../shared/providers/contract.ts';
import { deltaHead, type EventSequence } from './event-sequence.ts';
import { callItem, itemId, messageItem, reasoningItem, textPart } from './output-items.ts';

/** Where an item stands and where its events go. */
export interface ItemPlace {
  readonly requestId: string;
  /** Its `output_index`. */
  readonly index: number;
  readonly events: EventSequence;
}

/** The last events of an item, and the item as it came to be. */
export interface ClosedItem {
  readonly text: string;
  readonly index: number;
  readonly item: ResponseOutputItem;
}

/** A text that a stream is writing. */
export class OpenMessage {
  readonly #place: ItemPlace;
  readonly #id: string;
  readonly #head: string;
  readonly #annotations: ResponseOutputText.URLCitation[] = [];
  #text = '';
  #isOpen = true;

  constructor(place: ItemPlace) {
    this.#place = place;
    this.#id = itemId('msg', place.requestId, place.index);
    this.#head = deltaHead({ type: 'response.output_text.delta', ...this.#address, logprobs: [] });
  }

  open(): string {
    const { events, index } = this.#place;
    const item = messageItem(this.#id, 'in_progress', []);
    return (
      events.write({ type: 'response.output_item.added', output_index: index, item }) +
      events.write({ type: 'response.content_part.added', ...this.#address, part: textPart('', []) })
    );
  }

  append(text: string): string {
    this.#text += text;
    return this.#place.events.writeDelta(this.#head, text);
  }

  /** A source that comes after the text is closed has no event: only the answer's last event has it. */
  annotate(annotation: ResponseOutputText.URLCitation): string {
    const { events } = this.#place;
    const count = this.#annotations.push(annotation);
    if (!this.#isOpen) return '';
    return events.write({
      type: 'response.output_text.annotation.added',
      ...this.#address,
      annotation_index: count - 1,
      annotation,
    });
  }

  close(status: ResponseOutputMessage['status']): ClosedItem {
    this.#isOpen = false;
    const { events, index } = this.#place;
    const part = textPart(this.#text, this.#annotations);
    const item = messageItem(this.#id, status, [part]);
    const text =
      events.write({ type: 'response.output_text.done', ...this.#address, text: this.#text, logprobs: [] }) +
      events.write({ type: 'response.content_part.done', ...this.#address, part }) +
      events.write({ type: 'response.output_item.done', output_index: index, item });
    return { text, index, item };
  }

  get #address() {
    return { item_id: this.#id, output_index: this.#place.index, content_index: 0 };
  }
}

/** A thought that a stream is writing. It has a summary once it has text: some are nothing but their signature. */
export class OpenReasoning {
  readonly #place: ItemPlace;
  readonly #id: string;
  readonly #head: string;
  #text = '';

  constructor(place: ItemPlace) {
    this.#place = place;
    this.#id = itemId('rs', place.requestId, place.index);
    this.#head = deltaHead({ type: 'response.reasoning_summary_text.delta', ...this.#address });
  }

  open(): string {
    const { events, index } = this.#place;
    const item = reasoningItem(this.#id, { text: '' });
    return events.write({ type: 'response.output_item.added', output_index: index, item });
  }

  append(text: string): string {
    const { events } = this.#place;
    const part = { type: 'summary_text' as const, text: '' };
    const opening =
      this.#text === '' ? events.write({ type: 'response.reasoning_summary_part.added', ...this.#address, part }) : '';
    this.#text += text;
    return opening + events.writeDelta(this.#head, text);
  }

  close(signature: string | undefined): ClosedItem {
    const { events, index } = this.#place;
    const text = this.#text;
    const item = reasoningItem(this.#id, { text, ...(signature !== undefined && { signature }) });
    const part = { type: 'summary_text' as const, text };
    const summary =
      text === ''
        ? ''
        : events.write({ type: 'response.reasoning_summary_text.done', ...this.#address, text }) +
          events.write({ type: 'response.reasoning_summary_part.done', ...this.#address, part });
    const done = events.write({ type: 'response.output_item.done', output_index: index, item });
    return { text: summary + done, index, item };
  }

  get #address() {
    return { item_id: this.#id, output_index: this.#place.index, summary_index: 0 };
  }
}

/** A tool call that a stream is writing. Its `call_id` is fixed when it opens. */
export class OpenCall {
  readonly #place: ItemPlace;
  readonly #call: Omit<ToolCall, 'arguments'>;
  readonly #id: string;
  readonly #head: string;
  #arguments = '';

  constructor(place: ItemPlace, call: Omit<ToolCall, 'arguments'>) {
    this.#place = place;
    this.#call = call;
    this.#id = itemId('fc', place.requestId, place.index);
    this.#head = deltaHead({ type: 'response.function_call_arguments.delta', ...this.#address });
  }

  open(): string {
    const { events, index } = this.#place;
    const item = callItem(this.#id, 'in_progress', { ...this.#call, arguments: '' });
    return events.write({ type: 'response.output_item.added', output_index: index, item });
  }

  append(delta: string): string {
    this.#arguments += delta;
    return this.#place.events.writeDelta(this.#head, delta);
  }

  /** Closes with the arguments as a whole; without them the call was cut, and has what came. */
  close(whole: string | undefined): ClosedItem {
    const { events, index } = this.#place;
    const missing = this.#arguments === '' && whole ? this.append(whole) : '';
    const call = { ...this.#call, arguments: whole ?? this.#arguments };
    const item = callItem(this.#id, whole === undefined ? 'incomplete' : 'completed', call);
    const done = { type: 'response.function_call_arguments.done' as const, arguments: call.arguments };
    const text =
      missing +
      events.write({ ...done, ...this.#address }) +
      events.write({ type: 'response.output_item.done', output_index: index, item });
    return { text, index, item };
  }

  get #address() {
    return { item_id: this.#id, output_index: this.#place.index };
  }
}
