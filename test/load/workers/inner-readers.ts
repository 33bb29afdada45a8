import type { ServerMessage } from '../../../shared/contracts/event-socket.ts';
import type { ReadersAsked } from '../children.ts';
import { EventTally } from '../event-tally.ts';

interface Env {
  readonly GATEWAY: Fetcher;
}

/** Messages that were read last: most sockets are sent the same. */
const KEPT_MESSAGES = 8;

const recent: { readonly text: string; readonly message: ServerMessage }[] = [];
const tally = new EventTally();

function read(text: string): ServerMessage {
  const known = recent.find((each) => each.text === text);
  if (known) return known.message;
  const message: ServerMessage = JSON.parse(text); // the product's own, whose form tests check
  recent.unshift({ text, message });
  recent.length = Math.min(recent.length, KEPT_MESSAGES);
  return message;
}

async function openOne({ GATEWAY }: Env, { url, headers, taskIds }: ReadersAsked, index: number): Promise<void> {
  const taskId = taskIds?.[index] ?? null;
  const reader = tally.add(taskId, false);
  const { status, webSocket } = await GATEWAY.fetch(taskId === null ? url : `${url}?taskId=${taskId}`, {
    headers: { ...headers, upgrade: 'websocket' },
  });
  if (!webSocket) throw new Error(`no socket: ${status}`);
  webSocket.addEventListener('message', ({ data }) => {
    const word = tally.take(reader, read(String(data)));
    if (word !== null) webSocket.send(word);
  });
  webSocket.addEventListener('close', () => {
    reader.isOpen = false;
  });
  webSocket.accept();
}

/** Opens sockets and says so; they stay while its answer is read. */
async function open(env: Env, asked: ReadersAsked, writable: WritableStream<Uint8Array>): Promise<void> {
  for (let index = 0; index < asked.sockets; index++) await openOne(env, asked, index);
  await writable.getWriter().write(new TextEncoder().encode('open\n'));
}

/**
 * Readers inside the product's own process, where a socket is no open file: those beyond the number that may come from
 * outside. `POST /` opens them, `GET /` tells what they have seen.
 */
export const readers: ExportedHandler<Env> = {
  async fetch(request, env, context) {
    if (request.method === 'GET') return Response.json(tally.seen);
    const { readable, writable } = new IdentityTransformStream();
    context.waitUntil(open(env, await request.json(), writable));
    return new Response(readable);
  },
};
