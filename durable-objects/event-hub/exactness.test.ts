import { describe, expect, it } from 'vitest';
import type { EventFilter, EventPage } from '../../shared/contracts/events.ts';
import { PlayedReaders, type PlayedSocket, readPage } from '../../test/harness/played-readers.ts';
import { seededRandom } from '../../test/harness/seeded-random.ts';
import { AT_ONCE } from './constants.ts';

const SEEDS = 6;
const STEPS = 150;
/** More than are written to at once, so that rounds pause. */
const READERS = AT_ONCE + 30;
/** Readers of everything, who never say anything but that they have read. */
const STEADY = AT_ONCE;

/** An id of one of a few things of a kind. */
function idOf(kind: string, at: number): string {
  const begin = `${kind.charCodeAt(0)}${at}`.padEnd(8, '0');
  return `${begin}-0000-4000-8000-000000000000`;
}

interface PlayedEvent {
  readonly type: string;
  readonly environmentId: string;
  readonly apiKeyId: string;
  readonly data: { readonly taskId: string; readonly x: string };
}

/** A reader, and what is known of it. */
interface Played {
  readonly socket: PlayedSocket;
  /** Places above it are to come. */
  readonly from: number;
  filter: EventFilter;
  /** Where it has chosen anew: the message, and how many events were told by then. */
  chosen: { readonly at: number; readonly told: number; readonly filter: EventFilter } | null;
  /** Messages that it has acknowledged. */
  acknowledged: number;
}

/** If a filter wants an event, said as plainly as can be. */
function fits(filter: EventFilter, event: PlayedEvent): boolean {
  return (
    (filter.types ?? [event.type.split('.')[0]]).some((family) => event.type.startsWith(`${family}.`)) &&
    [undefined, event.environmentId].includes(filter.environmentId) &&
    [undefined, event.apiKeyId].includes(filter.apiKeyId) &&
    [undefined, event.data.taskId].includes(filter.taskId)
  );
}

/** Plays a hub and its readers at random; answers what is wrong with what readers were sent. */
async function play(seed: number, read?: (log: readonly string[], after: number) => EventPage): Promise<string[]> {
  const random = seededRandom(seed);
  const below = (count: number) => Math.floor(random() * count);
  const readers = new PlayedReaders(read);
  const told: PlayedEvent[] = [];
  const anEvent = (): PlayedEvent => ({
    type: ['task.created', 'request.started', 'alert.fired'][below(3)] ?? '',
    ...{ environmentId: idOf('e', below(2)), apiKeyId: idOf('k', below(3)) },
    data: { taskId: idOf('t', below(5)), x: 'x'.repeat(below(4) === 0 ? 50_000 : 10) },
  });
  const aFilter = (): EventFilter => ({
    ...(below(3) === 0 && { types: [(['task', 'request', 'alert'] as const)[below(3)] ?? 'task'] }),
    ...(below(3) === 0 && { environmentId: idOf('e', below(2)) }),
    ...(below(3) === 0 && { apiKeyId: idOf('k', below(3)) }),
    ...(below(3) === 0 && { taskId: idOf('t', below(5)) }),
  });
  const played: Played[] = [];
  const add = (filter: EventFilter, cursor: number | null) => {
    const socket = readers.add({ filters: { default: filter }, cursor });
    played.push({ socket, from: cursor ?? readers.hub.sent, filter, chosen: null, acknowledged: 0 });
  };
  const acknowledge = (reader: Played) => {
    const { sent } = reader.socket;
    const asked = sent.slice(reader.acknowledged).find(({ ackAfter }) => ackAfter !== undefined);
    if (asked?.ackAfter === undefined) return;
    reader.acknowledged = sent.indexOf(asked) + 1;
    readers.hear(reader.socket, { type: 'ack', sequence: asked.ackAfter });
  };
  const choose = (reader: Played) => {
    if (reader.chosen || played.indexOf(reader) < STEADY) return;
    const filter = aFilter();
    readers.hear(reader.socket, { type: 'subscribe', ...filter });
    reader.chosen = {
      at: reader.socket.sent.findIndex(({ type }) => type === 'subscribed'),
      told: told.length,
      filter,
    };
  };
  for (let count = 0; count < READERS; count++) add(count < STEADY ? {} : aFilter(), null);
  for (let step = 0; step < STEPS; step++) {
    const reader = played[below(played.length)];
    const kind = below(8);
    if (kind < 2) {
      const events = Array.from({ length: 1 + below(4) }, anEvent);
      told.push(...events);
      readers.push(events);
    } else if (kind === 2) add(aFilter(), below(2) === 0 ? null : below(readers.hub.sent + 1));
    else if (kind === 3 && reader) acknowledge(reader);
    else if (kind === 4 && reader) choose(reader);
    else if (kind === 5 && !(await readers.goOn())) readers.sleep();
    else if (kind === 6) await readers.goOn();
    else for (const each of played) if (below(5) === 0) acknowledge(each);
  }
  for (let done = -1; done < readers.messages; ) {
    done = readers.messages;
    await readers.goOnToTheEnd();
    for (const reader of played) acknowledge(reader);
    await readers.goOnToTheEnd();
  }
  return played.flatMap((reader, index) => faultsOf(reader, told).map((fault) => `reader ${index} ${fault}`));
}

function faultsOf({ socket, from, filter, chosen }: Played, told: readonly PlayedEvent[]): string[] {
  const sent = socket.sequences;
  const after = chosen
    ? socket.sent.slice(chosen.at).flatMap(({ events = [] }) => events.map((each) => each.sequence))
    : [];
  const before = sent.slice(0, sent.length - after.length);
  const wants = (choice: EventFilter, place: number) => {
    const event = told[place - 1];
    return event !== undefined && fits(choice, event);
  };
  const got = new Set(sent);
  const faults: string[] = [];
  for (const [at, place] of sent.entries()) if (place <= (sent[at - 1] ?? from)) faults.push(`got ${place} late`);
  for (const place of before) if (!wants(filter, place)) faults.push(`got ${place} unasked`);
  for (const place of after) if (!wants(chosen?.filter ?? filter, place)) faults.push(`got ${place} unasked`);
  for (let place = from + 1; place <= told.length; place++) {
    const isDue = chosen
      ? wants(chosen.filter, place) && (place > chosen.told || wants(filter, place))
      : wants(filter, place);
    if (isDue && !got.has(place)) faults.push(`misses ${place}`);
  }
  return faults;
}

describe('readers of a hub', () => {
  it('get each event that they want once and in order, whatever they and their hub do', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) expect({ seed, faults: await play(seed) }).toEqual({ seed, faults: [] });
  });

  it.each([
    ['leaves events out', 1, /misses/],
    ['has events twice', -1, /late/],
  ])('control: a window that %s is noticed', async (_name, shift, fault) => {
    const read = (log: readonly string[], after: number): EventPage => {
      const page = readPage(log, after);
      return { ...page, events: readPage(log, Math.max(0, after + shift)).events };
    };
    expect((await play(1, read)).join()).toMatch(fault);
  });
});
