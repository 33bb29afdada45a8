import { connect } from 'node:net';
import { CLOSE_FRAME, FrameReader, TEXT_FRAME, textFrame } from './frame-reader.ts';

/** What is read at once, into the same memory for all sockets. */
const READ_BUFFER = Buffer.alloc(256 * 1024);
const HEAD_END = '\r\n\r\n';
/** Any 16 bytes: the answer to them is not looked at. */
const KEY = Buffer.alloc(16).toString('base64');

interface EventSocketOptions {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** A message, and what answers it. Its bytes are to be read at once. */
  onMessage(bytes: Buffer, answer: (text: string) => void): void;
  onEnd(): void;
}

/**
 * A WebSocket that costs so little that thousands are read by one process: no object for a message, no copy, no check of
 * what tests check. Resolves when it is open.
 */
export function openEventSocket({ url, headers, onMessage, onEnd }: EventSocketOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    let head: string | null = '';
    const frames = new FrameReader();
    const answer = (text: string) => void socket.write(textFrame(text));
    const onFrame = (opcode: number, content: Buffer) => {
      if (opcode === TEXT_FRAME) onMessage(content, answer);
      if (opcode === CLOSE_FRAME) socket.destroy();
    };
    const take = (count: number, buffer: Uint8Array): boolean => {
      const came = Buffer.from(buffer.buffer, buffer.byteOffset, count);
      if (head === null) {
        frames.push(came, onFrame);
        return true;
      }
      head += came.toString('latin1');
      const end = head.indexOf(HEAD_END);
      if (end === -1) return true;
      if (head.startsWith('HTTP/1.1 101 ')) resolve();
      else reject(new Error(head));
      const rest = Buffer.from(head.slice(end + HEAD_END.length), 'latin1');
      head = null;
      frames.push(rest, onFrame);
      return true;
    };
    const socket = connect({
      ...{ host: url.hostname, port: Number(url.port), noDelay: true },
      onread: { buffer: READ_BUFFER, callback: take },
    });
    socket.on('error', reject);
    socket.on('close', () => {
      reject(new Error('the socket was closed'));
      onEnd();
    });
    socket.write(requestOf(url, headers));
  });
}

function requestOf({ host, pathname, search }: URL, headers: EventSocketOptions['headers']): string {
  const upgrade = { host, upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-version': '13' };
  const lines = Object.entries({ ...upgrade, 'sec-websocket-key': KEY, ...headers });
  return [`GET ${pathname}${search} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join(
    '\r\n',
  );
}
