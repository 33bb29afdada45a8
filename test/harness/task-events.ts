import * as z from 'zod';
import { TASK_STREAM_EVENTS, type TaskStreamEventName } from '../../shared/contracts/http/task-stream.ts';

/** An event of a task's stream; `id` is null of the one that tells why a stream was closed. */
export interface TaskEvent {
  readonly id: string | null;
  readonly event: TaskStreamEventName;
  readonly data: Record<string, unknown>;
}

const eventName = z.enum(Object.keys(TASK_STREAM_EVENTS) as [TaskStreamEventName, ...TaskStreamEventName[]]);

/** Reads a task's stream event by event; each must have the data that its name promises. */
export class TaskEventReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = '';

  constructor(response: Response) {
    if (!response.body) throw new Error(`the response has no body: ${response.status}`);
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next event, or null at the end. */
  async next(): Promise<TaskEvent | null> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end !== -1) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (!block.startsWith(':')) return parse(block);
        continue;
      }
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += value;
    }
  }

  /** Events up to one of that name, it included. */
  async through(name: TaskStreamEventName): Promise<TaskEvent[]> {
    const events: TaskEvent[] = [];
    for (;;) {
      const event = await this.next();
      if (!event) throw new Error(`no ${name} came: ${events.map(({ event }) => event).join(', ')}`);
      events.push(event);
      if (event.event === name) return events;
    }
  }

  async rest(): Promise<TaskEvent[]> {
    const events: TaskEvent[] = [];
    for (let event = await this.next(); event; event = await this.next()) events.push(event);
    return events;
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}

/** The text of the last attempt: what came of those before is void. */
export function textOf(events: readonly TaskEvent[]): string {
  const from = events.findLastIndex(({ event }) => event === 'attempt');
  return events
    .slice(from + 1)
    .filter(({ event }) => event === 'text.delta')
    .map(({ data }) => data.text)
    .join('');
}

/** What is wrong with events that came over several connections: each position must come once, in order. */
export function faultsIn(events: readonly TaskEvent[]): { readonly gaps: number; readonly duplicates: number } {
  let [gaps, duplicates, last] = [0, 0, 0];
  for (const { id } of events) {
    const position = Number(id?.split('-')[1]);
    if (position <= last) duplicates++;
    else if (position > last + 1) gaps += position - last - 1;
    last = Math.max(last, position);
  }
  return { gaps, duplicates };
}

function parse(block: string): TaskEvent {
  const match = /^(?:id: (\d+-\d+)\n)?event: ([\w.]+)\ndata: (.*)$/.exec(block);
  if (!match) throw new Error(`not an event: ${block}`);
  const event = eventName.parse(match[2]);
  const data: Record<string, unknown> = JSON.parse(match[3] ?? '');
  z.strictObject(TASK_STREAM_EVENTS[event].shape).parse(data);
  return { id: match[1] ?? null, event, data };
}
