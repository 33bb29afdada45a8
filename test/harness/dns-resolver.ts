import { once } from 'node:events';
import { createServer } from 'node:http';
import { findFreePort } from './free-port.ts';

const HOST = '127.0.0.1';

/** What is published under a name, or that its name servers fail. */
export type Published = readonly string[] | 'fails';

export interface DnsResolver {
  /** DNS over HTTPS as the product asks it, on loopback. */
  readonly resolverUrl: string;
  /** Takes `PUT ?name=` with what is published there, as JSON, and answers `GET ?name=` with how often it was asked for. */
  readonly zoneUrl: string;
  close(): Promise<void>;
}

/** A resolver whose records a test publishes. What nobody published does not exist. */
export async function startDnsResolver(): Promise<DnsResolver> {
  const published = new Map<string, Published>();
  const asked = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', `http://${HOST}`);
    const name = searchParams.get('name') ?? '';
    if (pathname === '/dns-query') {
      asked.set(name, (asked.get(name) ?? 0) + 1);
      const isUnderstood = request.headers.accept === 'application/dns-json' && searchParams.get('type') === 'TXT';
      response.writeHead(isUnderstood ? 200 : 400, { 'content-type': 'application/dns-json' });
      response.end(JSON.stringify(answerFor(name, published.get(name))));
      return;
    }
    if (request.method === 'PUT') published.set(name, JSON.parse(await textOf(request)));
    response.end(JSON.stringify(asked.get(name) ?? 0));
  });
  const port = await findFreePort();
  server.listen(port, HOST);
  await once(server, 'listening');
  return {
    resolverUrl: `http://${HOST}:${port}/dns-query`,
    zoneUrl: `http://${HOST}:${port}/zone`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An answer as resolvers write it: texts in quotes. */
function answerFor(name: string, said: Published | undefined): object {
  if (said === 'fails') return { Status: 2 };
  if (said === undefined) return { Status: 3 };
  return { Status: 0, Answer: said.map((text) => ({ name, type: 16, TTL: 60, data: JSON.stringify(text) })) };
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
