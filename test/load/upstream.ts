import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ANSWER,
  EVENT_GAP_MS,
  EVENTS,
  EVENTS_PER_BURST,
  FAILING_SHARES,
  FAILURE,
  isFailingPace,
  isStreamPace,
  OUTAGE_BEGINS,
  OUTAGE_PATH,
  PACE_MARKS,
  PACES,
  PAUSE_MS,
  type Pace,
  type StreamPace,
  THINKING_MS,
} from './upstream-answers.ts';

const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /^content-length: *(\d+)/im;
/** As a server of OpenAI's sends them, in front of whatever it answers. */
const HEADERS = [
  'Server: mock',
  'Date: Sun, 22 Nov 2026 12:00:00 GMT',
  'Connection: keep-alive',
  'x-request-id: req_mock',
  'openai-processing-ms: 12',
].join('\r\n');
const WHOLE = toAnswer('200 OK', ANSWER);
const FAILED = toAnswer('500 Internal Server Error', FAILURE);
const STREAM_HEAD = Buffer.from(
  `HTTP/1.1 200 OK\r\n${HEADERS}\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked${HEAD_END}`,
);
const STREAM_CHUNKS = EVENTS.map((event) => Buffer.from(`${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`));
const STREAM_END = Buffer.from('0\r\n\r\n');
const LENGTH_REQUIRED = Buffer.from(
  `HTTP/1.1 411 Length Required\r\nContent-Length: 0\r\nConnection: close${HEAD_END}`,
);

function toAnswer(status: string, json: string): Buffer {
  const type = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}`;
  const head = `HTTP/1.1 ${status}\r\n${HEADERS}\r\n${type}`;
  return Buffer.from(head + HEAD_END + json);
}

/**
 * The provider that every target calls, as a process of its own: the least that speaks HTTP, since it shares the machine
 * with what is measured. Takes one request at a time on a connection, with a `Content-Length`; looks for words in it and
 * parses nothing else; its answers are made once. Every event of a stream is a write, and a chunk of HTTP, of its own.
 * Writes its port as a line of JSON, and ends with its standard input.
 */
async function main(): Promise<void> {
  const server = createServer({ noDelay: true }, serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  process.stdout.write(`${JSON.stringify({ port })}\n`);
  process.stdin.resume().once('end', () => process.exit());
}

/** Whether what is asked for under `OUTAGE_PATH` fails. */
let isOut = false;

function serve(socket: Socket): void {
  let received = '';
  socket.setEncoding('latin1'); // a character is a byte
  socket.on('error', () => socket.destroy()); // the caller is gone
  socket.on('data', (data: string) => {
    received = received === '' ? data : received + data;
    const headEnd = received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const length = CONTENT_LENGTH.exec(received.slice(0, headEnd))?.[1];
    if (length === undefined) {
      socket.end(LENGTH_REQUIRED);
      return;
    }
    if (received.length < headEnd + HEAD_END.length + Number(length)) return;
    const request = received;
    received = '';
    const line = request.slice(0, request.indexOf('\r\n'));
    if (line.startsWith('PUT ')) {
      isOut = line.includes(OUTAGE_BEGINS);
      socket.write(WHOLE);
    } else if (isOut && line.includes(OUTAGE_PATH)) socket.write(FAILED);
    else void answer(socket, PACES.find((each) => request.includes(PACE_MARKS[each])) ?? 'at-once');
  });
}

async function answer(socket: Socket, pace: Pace): Promise<void> {
  if (isStreamPace(pace)) return answerStream(socket, pace);
  if (pace === 'thinking') await sleep(THINKING_MS);
  socket.write(isFailingPace(pace) && Math.random() < FAILING_SHARES[pace] ? FAILED : WHOLE);
}

async function answerStream(socket: Socket, pace: StreamPace): Promise<void> {
  socket.write(STREAM_HEAD);
  for (const [index, chunk] of STREAM_CHUNKS.entries()) {
    if (socket.destroyed) return;
    socket.write(chunk);
    await pause(pace, index + 1);
  }
  socket.write(STREAM_END);
}

async function pause(pace: StreamPace, written: number): Promise<void> {
  if (pace === 'paced') await sleep(EVENT_GAP_MS);
  else if (pace === 'slow' && written % EVENTS_PER_BURST === 0) await sleep(PAUSE_MS);
}

await main();
