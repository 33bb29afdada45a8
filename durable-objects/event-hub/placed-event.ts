import type { EventFacts } from '../../shared/contracts/events.ts';
import { factsOf } from '../../shared/domain/events/event-filter.ts';

const ENCODER = new TextEncoder();

/** An event in its place, as a text that the hub wrote. */
export class PlacedEvent {
  readonly place: number;
  readonly text: string;
  /** What it takes in a socket. */
  readonly bytes: number;
  #facts: EventFacts | null = null;

  constructor(place: number, text: string) {
    this.place = place;
    this.text = text;
    this.bytes = ENCODER.encode(text).byteLength;
  }

  /** What it is about; read when it is first asked for, since readers of everything need not know. */
  get facts(): EventFacts {
    this.#facts ??= factsOf(JSON.parse(this.text));
    return this.#facts;
  }
}

/** Events that follow one another. */
export function placedFrom(first: number, texts: readonly string[]): PlacedEvent[] {
  return texts.map((text, index) => new PlacedEvent(first + index, text));
}
