import type { ServerMessage } from '../../shared/contracts/event-socket.ts';
import type { ReadersAsked, ReadersQuestion } from './children.ts';
import { openEventSocket } from './event-socket.ts';
import { EventTally } from './event-tally.ts';

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

const recent: ReadMessage[] = [];
const tally = new EventTally();

function read(bytes: Buffer): ServerMessage {
  const known = recent.find((each) => each.bytes.length === bytes.length && each.bytes.equals(bytes));
  if (known) return known.message;
  const message: ServerMessage = JSON.parse(bytes.toString()); // the product's own, whose form tests check
  recent.unshift({ bytes: Buffer.from(bytes), message });
  recent.length = Math.min(recent.length, KEPT_MESSAGES);
  return message;
}

async function openOne({ url, headers, taskIds }: ReadersAsked, index: number): Promise<void> {
  const taskId = taskIds?.[index] ?? null;
  const reader = tally.add(taskId, taskId !== null || index % MEASURED_EACH === 0);
  await openEventSocket({
    ...{ url: new URL(taskId === null ? url : `${url}?taskId=${taskId}`), headers },
    onMessage: (bytes, answer) => {
      const word = tally.take(reader, read(bytes));
      if (word !== null) answer(word);
    },
    onEnd: () => {
      reader.isOpen = false;
    },
  });
}

async function open(asked: ReadersAsked): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < asked.sockets) await openOne(asked, next++);
    }),
  );
}

process.on('message', async (question: ReadersQuestion) => {
  if (question.kind === 'open') await open(question);
  process.send?.(tally.seen);
});
process.on('disconnect', () => process.exit());
