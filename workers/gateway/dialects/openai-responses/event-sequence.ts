import type {
  ResponseCompletedEvent,
  ResponseCreatedEvent,
  ResponseFailedEvent,
  ResponseIncompleteEvent,
  ResponseInProgressEvent,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';
import type { Answer } from './answer-object.ts';

type Lifecycle =
  | ResponseCompletedEvent
  | ResponseCreatedEvent
  | ResponseFailedEvent
  | ResponseIncompleteEvent
  | ResponseInProgressEvent;
type Unnumbered<Event> = Event extends ResponseStreamEvent ? Omit<Event, 'sequence_number'> : never;
/** An event of a stream but for its number. */
export type NumberlessEvent =
  | Unnumbered<Exclude<ResponseStreamEvent, Lifecycle>>
  | { readonly type: Lifecycle['type']; readonly response: Answer };

type DeltaEvent = Extract<
  ResponseStreamEvent,
  {
    type:
      | 'response.output_text.delta'
      | 'response.reasoning_summary_text.delta'
      | 'response.function_call_arguments.delta';
  }
>;
type Headless<Event> = Event extends DeltaEvent ? Omit<Event, 'sequence_number' | 'delta'> : never;

/** Writes the events of one stream as text and numbers them from 0. */
export class EventSequence {
  #next = 0;

  write(event: NumberlessEvent): string {
    const fields = JSON.stringify(event).slice(1);
    return `event: ${event.type}\ndata: {"sequence_number":${this.#next++},${fields}\n\n`;
  }

  /** Writes one more piece of an item, behind the `deltaHead` of that item. */
  writeDelta(head: string, delta: string): string {
    return `${head}${this.#next++},"delta":${JSON.stringify(delta)}}\n\n`;
  }
}

/** What all pieces of an item begin with: it is written for every piece, so it is made once. */
export function deltaHead(event: Headless<DeltaEvent>): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event).slice(0, -1)},"sequence_number":`;
}
