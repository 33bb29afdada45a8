import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What a server does once it has read a request, on the bare socket. */
export type Misbehaviour = (socket: Socket) => void;

interface RawResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A complete HTTP response, and the end of the connection. */
export function respond({ status = 200, headers = {}, body = '' }: RawResponse): Misbehaviour {
  const length = { 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  return (socket) => socket.end(head(status, { ...length, ...headers }) + body);
}

/** A response whose connection breaks after the pieces, the last of which it was not. */
export function breakAfter(pieces: readonly string[], { headers = {} }: RawResponse = {}): Misbehaviour {
  return (socket) => {
    const chunks = pieces.map((piece) => `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`);
    socket.write(head(200, { 'transfer-encoding': 'chunked', ...headers }) + chunks.join(''), () => socket.destroy());
  };
}

/** No response, but the connection's reset. */
export const reset: Misbehaviour = (socket) => socket.resetAndDestroy();

function head(status: number, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unassigned'}\r\n${lines.join('')}\r\n`;
}

/** A server that misbehaves as it is told, on a free port of loopback. */
export class MisbehavingVendor implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();
  /** What it does next. */
  misbehaviour: Misbehaviour = reset;

  async start(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
    let request = '';
    socket.setEncoding('latin1').on('data', (data) => {
      request += data;
      const bodyStart = request.indexOf('\r\n\r\n') + 4;
      const length = Number(/^content-length: (\d+)/im.exec(request)?.[1] ?? 0);
      if (bodyStart >= 4 && request.length >= bodyStart + length) this.misbehaviour(socket);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** The origin of a port at which nothing listens. */
export async function closedOrigin(): Promise<string> {
  await using vendor = await new MisbehavingVendor().start();
  return vendor.origin;
}
