import WebSocket from 'ws';
import type { ServerMessage } from '../../shared/contracts/event-socket.ts';
import type { ReadersAsked, ReadersQuestion, ReadersSeen } from './children.ts';

/** Sockets that are opened at the same time. */
const AT_ONCE = 50;
/** One socket of so many measures how late events are. */
const MEASURED_EACH = 50;
/** Messages that were read last: most sockets are sent the same. */
const KEPT_MESSAGES = 8;

/** A message, read once for all sockets that get the same bytes. */
interface ReadMessage {
  readonly bytes: Buffer;
  readonly message: ServerMessage;
  readonly times: readonly number[];
}

interface Reader {
  cursor: number;
  isOpen: boolean;
}

const readers: Reader[] = [];
const latencies = new Map<number, number>();
const recent: ReadMessage[] = [];
let [deliveries, gaps, doubles] = [0, 0, 0];

function read(bytes: Buffer): ReadMessage {
  const known = recent.find((each) => each.bytes.equals(bytes));
  if (known) return known;
  const message: ServerMessage = JSON.parse(bytes.toString()); // the product's own, whose form tests check
  const times = message.type === 'events' ? message.events.map(({ time }) => Date.parse(time)) : [];
  const made = { bytes, message, times };
  recent.unshift(made);
  recent.length = Math.min(recent.length, KEPT_MESSAGES);
  return made;
}

function openOne({ url, headers }: ReadersAsked, index: number): Promise<void> {
  const reader: Reader = { cursor: -1, isOpen: true };
  readers.push(reader);
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers, perMessageDeflate: false });
    socket.on('error', (error) => reject(new Error(`socket ${index}: ${error.message}`)));
    socket.on('close', () => {
      reader.isOpen = false;
    });
    socket.on('message', (bytes: Buffer) => {
      const { message, times } = read(bytes);
      if (message.type === 'ready') {
        reader.cursor = message.sequence;
        resolve();
      }
      if (message.type !== 'events') return;
      for (const { sequence } of message.events) {
        if (sequence > reader.cursor + 1) gaps += 1;
        if (sequence <= reader.cursor) doubles += 1;
        reader.cursor = Math.max(reader.cursor, sequence);
      }
      deliveries += message.events.length;
      if (index % MEASURED_EACH === 0) {
        const now = Date.now();
        for (const time of times) latencies.set(now - time, (latencies.get(now - time) ?? 0) + 1);
      }
      if (message.ackAfter !== undefined) socket.send(JSON.stringify({ type: 'ack', sequence: message.ackAfter }));
    });
  });
}

async function open(asked: ReadersAsked): Promise<{ from: number }> {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < asked.sockets) await openOne(asked, next++);
    }),
  );
  return { from: Math.min(...readers.map(({ cursor }) => cursor)) };
}

function look(): ReadersSeen {
  const through = readers.reduce((least, { cursor }) => Math.min(least, cursor), Number.MAX_SAFE_INTEGER);
  const closed = readers.filter(({ isOpen }) => !isOpen).length;
  return { deliveries, gaps, doubles, closed, through, latencies: [...latencies] };
}

process.on('message', async (question: ReadersQuestion) => {
  process.send?.(question.kind === 'open' ? await open(question) : look());
});
process.on('disconnect', () => process.exit());
