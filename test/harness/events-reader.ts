import { exports } from 'cloudflare:workers';
import { type PublicEvent, publicEvent } from '../../shared/contracts/events.ts';

/** One event of a stream of events, as it was written. */
export interface StreamedEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Reads `GET /v1/events`. */
export class EventsReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = '';

  constructor(response: Response) {
    if (!response.body) throw new Error('the response has no body');
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Opens the stream; throws when it is refused. */
  static async open(headers: Readonly<Record<string, string>>, query = ''): Promise<EventsReader> {
    const response = await exports.default.fetch(`https://gateway.test/v1/events${query}`, { headers });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    const reader = new EventsReader(response);
    await reader.#block(); // how long a client waits before it comes back
    await reader.#block(); // where the stream begins
    return reader;
  }

  /** The next event, null at the end. */
  async next(): Promise<StreamedEvent | null> {
    for (;;) {
      const block = await this.#block();
      if (block === null) return null;
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null;
      const data = field('data');
      if (data !== null) return { id: field('id'), event: field('event') ?? 'message', data: JSON.parse(data) };
    }
  }

  /** The next events of the tenant, so many; each must be as it is described, with its place as its id. */
  async take(count: number): Promise<PublicEvent[]> {
    const events: PublicEvent[] = [];
    while (events.length < count) {
      const next = await this.next();
      if (!next) throw new Error(`the stream ended after ${events.length} events`);
      const event = publicEvent.parse(next.data);
      if (next.id !== String(event.sequence) || next.event !== event.type) throw new Error(JSON.stringify(next));
      events.push(event);
    }
    return events;
  }

  /** What is left, up to the end. */
  async rest(): Promise<StreamedEvent[]> {
    const events: StreamedEvent[] = [];
    for (let event = await this.next(); event; event = await this.next()) events.push(event);
    return events;
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
  }

  async #block(): Promise<string | null> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end !== -1) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (!block.startsWith(':')) return block;
        continue;
      }
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += value;
    }
  }
}
