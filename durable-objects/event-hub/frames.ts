import { FRAME_BYTES } from './constants.ts';
import type { PlacedEvent } from './placed-event.ts';

/** A message with events. */
export interface Frame {
  readonly text: string;
  /** The same, with the question to acknowledge it. */
  readonly askingText: string;
  /** What its events take. */
  readonly bytes: number;
  /** The place of its last event. */
  readonly last: number;
}

/** Events as the messages that readers get of them: written once for all who get the same. */
export function framesOf(events: readonly PlacedEvent[]): Frame[] {
  const frames: Frame[] = [];
  let taken: PlacedEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    if (taken.length > 0 && bytes + event.bytes > FRAME_BYTES) {
      frames.push(frameOf(taken, bytes));
      [taken, bytes] = [[], 0];
    }
    taken.push(event);
    bytes += event.bytes;
  }
  return taken.length === 0 ? frames : [...frames, frameOf(taken, bytes)];
}

function frameOf(taken: readonly PlacedEvent[], bytes: number): Frame {
  const events = taken.map(({ text }) => text).join(',');
  const last = taken.at(-1)?.place ?? 0;
  return {
    text: `{"type":"events","events":[${events}]}`,
    askingText: `{"type":"events","ackAfter":${last},"events":[${events}]}`,
    ...{ bytes, last },
  };
}
