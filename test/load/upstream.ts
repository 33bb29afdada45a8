import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ANSWER,
  EVENT_GAP_MS,
  EVENTS,
  EVENTS_PER_BURST,
  PACE_MARKS,
  PACES,
  PAUSE_MS,
  type Pace,
} from './upstream-answers.ts';

const ANSWER_BYTES = Buffer.from(ANSWER);
const EVENT_BYTES = EVENTS.map((event) => Buffer.from(event));

/**
 * The provider that every target calls, as a process of its own. Looks for words in a request and parses nothing; its
 * answers are made once. Every event of a stream is a write, and a chunk of HTTP, of its own. Writes its port as a line
 * of JSON, and ends with its standard input.
 */
async function main(): Promise<void> {
  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    void answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  process.stdout.write(`${JSON.stringify({ port })}\n`);
  process.stdin.resume().once('end', () => process.exit());
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (!body.includes('"stream":true')) {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER_BYTES.length });
    response.end(ANSWER_BYTES);
    return;
  }
  const pace = PACES.find((each) => body.includes(PACE_MARKS[each])) ?? 'burst';
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for (const [index, event] of EVENT_BYTES.entries()) {
    if (response.destroyed) return;
    response.write(event);
    await pause(pace, index + 1);
  }
  response.end();
}

async function pause(pace: Pace, written: number): Promise<void> {
  if (pace === 'paced') await sleep(EVENT_GAP_MS);
  else if (pace === 'slow' && written % EVENTS_PER_BURST === 0) await sleep(PAUSE_MS);
  else await new Promise<void>((resolve) => process.nextTick(resolve)); // Node joins what is written in one tick
}

await main();
