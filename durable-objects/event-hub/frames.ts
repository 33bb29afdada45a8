import type { EventFilter } from '../../shared/contracts/events.ts';
import { factsOf, filterKey, isWanted } from '../../shared/domain/events/event-filter.ts';
import { FRAME_LENGTH } from './constants.ts';

/** A message with events. */
export interface Frame {
  readonly text: string;
  /** The same, with the question to acknowledge it. */
  readonly askingText: string;
  /** The place of its last event. */
  readonly last: number;
}

/** Placed events that follow one another, as the messages that readers get of them: written once for all who choose alike. */
export class Frames {
  readonly #first: number;
  readonly #texts: readonly string[];
  readonly #byKey = new Map<string, readonly Frame[]>();

  constructor(first: number, texts: readonly string[]) {
    this.#first = first;
    this.#texts = texts;
  }

  /** The place of the last event. */
  get last(): number {
    return this.#first + this.#texts.length - 1;
  }

  for(filters: Readonly<Record<string, EventFilter>>, key = filterKey(filters)): readonly Frame[] {
    const known = this.#byKey.get(key);
    if (known) return known;
    const frames = this.#write(Object.values(filters));
    this.#byKey.set(key, frames);
    return frames;
  }

  #write(filters: readonly EventFilter[]): Frame[] {
    const wantsAll = filters.some((filter) => Object.keys(filter).length === 0);
    const frames: Frame[] = [];
    let [taken, length, last] = [[] as string[], 0, 0];
    const end = () => {
      if (taken.length > 0) frames.push(frameOf(taken, last));
      [taken, length] = [[], 0];
    };
    for (const [at, text] of this.#texts.entries()) {
      // The hub wrote these texts itself.
      if (!wantsAll && !isWanted(factsOf(JSON.parse(text)), filters)) continue;
      if (length + text.length > FRAME_LENGTH) end();
      taken.push(text);
      length += text.length;
      last = this.#first + at;
    }
    end();
    return frames;
  }
}

function frameOf(texts: readonly string[], last: number): Frame {
  const events = texts.join(',');
  return {
    text: `{"type":"events","events":[${events}]}`,
    askingText: `{"type":"events","ackAfter":${last},"events":[${events}]}`,
    last,
  };
}
