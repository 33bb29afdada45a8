import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a receiver of checkpoints got it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A receiver of checkpoints on loopback: it keeps what it got, and answers as `answer` says. */
export interface CheckpointReceiver extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  answer: { readonly status: number; readonly headers?: Readonly<Record<string, string>> };
}

export async function startCheckpointReceiver(): Promise<CheckpointReceiver> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const { method = '', url = '' } = request;
    receiver.received.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(receiver.answer.status, { connection: 'close', ...receiver.answer.headers }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  const receiver: CheckpointReceiver = {
    url: `http://127.0.0.1:${port}`,
    received: [],
    answer: { status: 200 },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
  return receiver;
}
