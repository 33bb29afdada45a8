import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface KmsRequest {
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface KmsReply {
  readonly status: number;
  readonly body: unknown;
}

/** A KMS on loopback, and how it is to behave. */
export interface KmsServer {
  readonly url: string;
  /** `denies`: it refuses every use of the key. `fails`: it answers 503. `breaks`: it closes the connection. */
  mode: 'works' | 'denies' | 'fails' | 'breaks';
  /** Requests that it has had. */
  requests: number;
  close(): void;
}

/** Serves a KMS. `denial` is the body of its refusals. */
export async function serveKms(
  denial: string,
  answer: (request: KmsRequest) => Promise<KmsReply>,
  denialStatus = 400,
): Promise<KmsServer> {
  const http = createServer(async (request, response) => {
    server.requests += 1;
    if (server.mode === 'breaks') return void request.socket.destroy();
    let body = '';
    for await (const chunk of request) body += chunk;
    const end = (status: number, text: string) => response.writeHead(status).end(text);
    if (server.mode === 'fails') return void end(503, 'try later');
    if (server.mode === 'denies') return void end(denialStatus, denial);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    try {
      const reply = await answer({ path: request.url ?? '', host: headers.host ?? '', headers, body });
      end(reply.status, JSON.stringify(reply.body));
    } catch (error) {
      end(500, String(error));
    }
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo; // of a TCP server that listens
  const server: KmsServer = {
    url: `http://127.0.0.1:${port}`,
    mode: 'works',
    requests: 0,
    close: () => void http.close(() => {}).closeAllConnections(),
  };
  return server;
}
