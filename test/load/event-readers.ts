import type { ServerMessage } from '../../shared/contracts/event-socket.ts';
import type { PublicEvent } from '../../shared/contracts/events.ts';
import type { ReadersAsked, ReadersQuestion, ReadersSeen } from './children.ts';
import { openEventSocket } from './event-socket.ts';

/** Sockets that are opened at the same time. */
const AT_ONCE = 50;
/** One socket of so many measures how late events are, where all get all of them. */
const MEASURED_EACH = 50;
/** Messages that were read last: most sockets are sent the same. */
const KEPT_MESSAGES = 32;

/** A message, read once for all sockets that get the same bytes. */
interface ReadMessage {
  readonly bytes: Buffer;
  readonly message: ServerMessage;
}

interface Reader {
  /** The task that it watches; null: it reads everything. */
  readonly taskId: string | null;
  cursor: number;
  isOpen: boolean;
}

const readers: Reader[] = [];
const latencies = new Map<number, number>();
const recent: ReadMessage[] = [];
let [deliveries, gaps, doubles, unasked] = [0, 0, 0, 0];

function read(bytes: Buffer): ServerMessage {
  const known = recent.find((each) => each.bytes.length === bytes.length && each.bytes.equals(bytes));
  if (known) return known.message;
  const message: ServerMessage = JSON.parse(bytes.toString()); // the product's own, whose form tests check
  recent.unshift({ bytes: Buffer.from(bytes), message });
  recent.length = Math.min(recent.length, KEPT_MESSAGES);
  return message;
}

function take(reader: Reader, events: readonly PublicEvent[], isMeasured: boolean): void {
  for (const { sequence, data } of events) {
    if (reader.taskId === null && sequence > reader.cursor + 1) gaps += 1; // of one task, others are between
    if (reader.taskId !== null && !('taskId' in data && data.taskId === reader.taskId)) unasked += 1;
    if (sequence <= reader.cursor) doubles += 1;
    reader.cursor = Math.max(reader.cursor, sequence);
  }
  deliveries += events.length;
  if (!isMeasured) return;
  const now = Date.now();
  for (const { time } of events) {
    const ms = now - Date.parse(time);
    latencies.set(ms, (latencies.get(ms) ?? 0) + 1);
  }
}

async function openOne({ url, headers, taskIds }: ReadersAsked, index: number): Promise<void> {
  const taskId = taskIds?.[index] ?? null;
  const reader: Reader = { taskId, cursor: -1, isOpen: true };
  readers.push(reader);
  const isMeasured = taskId !== null || index % MEASURED_EACH === 0;
  const ready = Promise.withResolvers<void>();
  const opened = openEventSocket({
    ...{ url: new URL(taskId === null ? url : `${url}?taskId=${taskId}`), headers },
    onMessage: (bytes, answer) => {
      const message = read(bytes);
      if (message.type === 'ready') {
        reader.cursor = message.sequence;
        ready.resolve();
      }
      if (message.type !== 'events') return;
      take(reader, message.events, isMeasured);
      if (message.ackAfter !== undefined) answer(JSON.stringify({ type: 'ack', sequence: message.ackAfter }));
    },
    onEnd: () => {
      reader.isOpen = false;
      ready.reject(new Error('a socket was closed'));
    },
  });
  await Promise.all([opened, ready.promise]);
}

async function open(asked: ReadersAsked): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < asked.sockets) await openOne(asked, next++);
    }),
  );
}

function look(): ReadersSeen {
  const closed = readers.filter(({ isOpen }) => !isOpen).length;
  return { deliveries, gaps, doubles, unasked, closed, latencies: [...latencies] };
}

process.on('message', async (question: ReadersQuestion) => {
  if (question.kind === 'open') await open(question);
  process.send?.(look());
});
process.on('disconnect', () => process.exit());
