import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LLMock } from '@copilotkit/aimock';
import { CLIENT_PROVIDERS, type ClientProvider } from './feature.ts';
import { play } from './vendor-plays.ts';
import { ASKS, teachClients } from './vendor-says.ts';

/** What a vendor was sent, and what became of its answer. */
export interface Seen {
  readonly provider: ClientProvider;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
  /** Settles when the connection is done with: `cut` when our side left before the answer was complete. */
  readonly ended: Promise<'whole' | 'cut'>;
}

/** All vendors, each under its own base URL, which tell what they were sent. */
export interface Vendors extends AsyncDisposable {
  /** Settings of `npm start` that make these the providers. */
  readonly settings: Record<string, string>;
  /** The calls so far, in their order. */
  readonly seen: readonly Seen[];
}

const SETTING_NAMES: Record<ClientProvider, { readonly prefix: string; readonly path: string }> = {
  openai: { prefix: 'OPENAI', path: '/openai/v1' },
  anthropic: { prefix: 'ANTHROPIC', path: '/anthropic' },
  google: { prefix: 'GEMINI', path: '/google' },
  perplexity: { prefix: 'PERPLEXITY', path: '/perplexity' },
  mistral: { prefix: 'MISTRAL', path: '/mistral/v1' },
};

/**
 * Starts a server in front of a mock of all wire formats. It plays itself what the mock has no form for (see
 * `vendor-plays.ts`), and keeps every request as it came.
 */
export async function startVendors(): Promise<Vendors> {
  const mock = teachClients(new LLMock({ port: 0, host: '127.0.0.1' }));
  const mockUrl = await mock.start();
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void serve(request, response, mockUrl, seen).catch((error: unknown) => response.destroy(asError(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${portOf(server.address())}`;
  const settings = Object.entries(SETTING_NAMES).flatMap(([provider, { prefix, path }]) => [
    [`${prefix}_API_KEY`, `key-of-${provider}`],
    [`${prefix}_BASE_URL`, `${origin}${path}`],
  ]);
  return {
    settings: Object.fromEntries(settings),
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await mock.stop();
    },
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, mockUrl: string, seen: Seen[]): Promise<void> {
  const { url = '', method = '', headers } = request;
  const [, name = '', ...rest] = url.split('/');
  const provider = CLIENT_PROVIDERS.find((each) => each === name);
  if (!provider) throw new Error(`no vendor at ${url}`);
  const path = `/${rest.join('/')}`;
  const text = await readAll(request);
  const body: unknown = text === '' ? null : JSON.parse(text);
  const ended = once(response, 'close').then(() => (response.writableFinished ? 'whole' : 'cut'));
  seen.push({ provider, path, headers, body, ended });
  const played = play({ provider, path, body });
  if (played) {
    response.writeHead(played.status, played.headers).end(played.body);
    return;
  }
  const asked = asMockIsAsked(provider, text);
  const upstream = forward(`${mockUrl}${path}`, { method, agent: false, headers: toMock(headers) }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.flushHeaders();
    answer.pipe(response);
  });
  response.on('close', () => upstream.destroy());
  upstream.on('error', () => response.destroy());
  upstream.end(asked);
}

/** Headers for the mock: it must answer in plain text on a connection of its own. */
function toMock(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const { host: _, connection: __, 'accept-encoding': ___, 'content-length': ____, ...kept } = headers;
  return kept;
}

/** How a request asks for an object: by a schema, or by a tool. */
const ASKS_FOR_OBJECT = /"(response_format|responseJsonSchema|output_config|tools)":/;

/**
 * What the mock is to be asked for the vendor's own answer: one that was sent neither a schema nor a tool answers prose,
 * and some tell the usage of a stream unasked.
 */
function asMockIsAsked(provider: ClientProvider, text: string): string {
  const asked = ASKS_FOR_OBJECT.test(text) ? text : text.replaceAll(ASKS.json, ASKS.prose);
  if (provider !== 'perplexity' && provider !== 'mistral') return asked;
  return JSON.stringify({ ...JSON.parse(asked), stream_options: { include_usage: true } });
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
