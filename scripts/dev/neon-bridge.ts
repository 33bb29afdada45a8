import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import pg from 'pg';
import { WebSocketServer } from 'ws';
import { verifiedTls } from '../db/connection.ts';

const HOST = '127.0.0.1';
const CONNECT_TIMEOUT_MS = 4_000;
const ISOLATION_LEVELS: Readonly<Record<string, string>> = {
  ReadUncommitted: 'read uncommitted',
  ReadCommitted: 'read committed',
  RepeatableRead: 'repeatable read',
  Serializable: 'serializable',
};
/** The first message of a client that wants TLS: https://www.postgresql.org/docs/18/protocol-message-formats.html */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

export interface NeonBridgeOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly postgresUrl: string;
  /** Connections that one user's HTTP queries share. */
  readonly maxConnections?: number;
}

export interface NeonBridge {
  readonly port: number;
  close(): Promise<void>;
}

/** One statement, as Neon's driver sends it. */
interface Statement {
  readonly query: string;
  readonly params?: readonly unknown[];
}

/**
 * Speaks the protocols of Neon's serverless driver (`POST /sql`, WebSocket `/v2`) in front of any PostgreSQL, so that
 * production code runs unchanged in development. Host and port of a caller's connection string are replaced by
 * `postgresUrl`'s; its user, password and database are kept and checked by PostgreSQL. Listens on loopback only; does
 * not know Neon's JWT authorisation.
 */
export async function startNeonBridge(options: NeonBridgeOptions): Promise<NeonBridge> {
  const { port, postgresUrl, maxConnections = 20 } = options;
  const target = new URL(verifiedTls(postgresUrl));
  const pools = new Map<string, pg.Pool>();
  const poolOf = (connectionString: string): pg.Pool => {
    const known = pools.get(connectionString);
    if (known) return known;
    const caller = new URL(connectionString);
    const url = new URL(target);
    for (const part of ['username', 'password', 'pathname'] as const) url[part] = caller[part];
    const pool = new pg.Pool({
      connectionString: url.href,
      max: maxConnections,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      types: { getTypeParser: () => (text: string) => text }, // values travel as PostgreSQL's text
    });
    // A broken connection fails its query, or is dropped by the pool when idle; its event needs no answer besides.
    pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}));
    pools.set(connectionString, pool);
    return pool;
  };

  const server = createServer((request, response) => {
    void answer(request, response, poolOf);
  });
  const sockets = new WebSocketServer({ server, path: '/v2' });
  sockets.on('connection', (webSocket) => {
    const waiting: Buffer[] = [];
    let upstream: Socket | undefined;
    webSocket.on('message', (data: Buffer) => {
      if (upstream) upstream.write(data);
      else waiting.push(data);
    });
    webSocket.on('error', () => webSocket.terminate());
    connectPostgres(target)
      .then((socket) => {
        upstream = socket;
        socket.on('data', (data) => webSocket.send(data));
        socket.on('close', () => webSocket.close());
        webSocket.on('close', () => socket.destroy());
        for (const data of waiting) socket.write(data);
        if (webSocket.readyState !== webSocket.OPEN) socket.destroy();
      })
      .catch(() => webSocket.close(1011));
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, HOST, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const webSocket of sockets.clients) webSocket.terminate();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, ...[...pools.values()].map((pool) => pool.end())]);
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  poolOf: (connectionString: string) => pg.Pool,
): Promise<void> {
  const send = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const header = (name: string) => String(request.headers[name] ?? '');
  if (request.method !== 'POST' || request.url !== '/sql') return send(404, { message: 'not found' });
  let client: pg.PoolClient | undefined;
  let isBroken = false;
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Statement | { readonly queries: readonly Statement[] };
    const arrayMode = header('neon-array-mode') === 'true';
    client = await poolOf(header('neon-connection-string')).connect();
    if ('queries' in body) {
      send(200, { results: await runBatch(client, body.queries, beginStatement(header), arrayMode) });
    } else {
      send(200, await run(client, body, arrayMode));
    }
  } catch (error) {
    const { message, ...fields } = error as Error;
    isBroken = !(error instanceof pg.DatabaseError) || error.severity === 'FATAL';
    // 400 carries a PostgreSQL error to the driver's caller; anything else is a failure of the way there.
    send(isBroken ? 503 : 400, { message, ...fields });
  } finally {
    client?.release(isBroken);
  }
}

function beginStatement(header: (name: string) => string): string {
  const isolation = ISOLATION_LEVELS[header('neon-batch-isolation-level')];
  return [
    'begin',
    isolation && `isolation level ${isolation}`,
    header('neon-batch-read-only') === 'true' && 'read only',
    header('neon-batch-deferrable') === 'true' && 'deferrable',
  ]
    .filter(Boolean)
    .join(' ');
}

async function runBatch(client: pg.PoolClient, queries: readonly Statement[], begin: string, arrayMode: boolean) {
  await client.query(begin);
  try {
    const results = [];
    for (const query of queries) results.push(await run(client, query, arrayMode));
    await client.query('commit');
    return results;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function run(client: pg.PoolClient, { query, params }: Statement, arrayMode: boolean) {
  // The extended protocol, as Neon does: one statement a call, with or without parameters.
  const statement = { text: query, values: [...(params ?? [])], rowMode: 'array' as const, queryMode: 'extended' };
  const { command, rowCount, fields, rows } = await client.query<unknown[]>(statement);
  return {
    command,
    rowCount,
    rowAsArray: arrayMode,
    fields,
    rows: arrayMode ? rows : rows.map((row) => Object.fromEntries(fields.map(({ name }, at) => [name, row[at]]))),
  };
}

/** A socket on which PostgreSQL awaits the start-up message, inside TLS when the target's `sslmode` asks for it. */
async function connectPostgres(target: URL): Promise<Socket> {
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const tcp = connectTcp({ host, port: Number(target.port || 5432), noDelay: true, timeout: CONNECT_TIMEOUT_MS });
  tcp.on('error', () => tcp.destroy()).on('timeout', () => tcp.destroy());
  await once(tcp, 'connect');
  tcp.setTimeout(0);
  const mode = target.searchParams.get('sslmode') ?? 'disable';
  if (mode === 'disable') return tcp;
  tcp.write(SSL_REQUEST);
  const reply = await once<Buffer>(tcp, 'data');
  if (reply.toString() !== 'S') {
    tcp.destroy();
    throw new Error('the server does not offer TLS');
  }
  const tls = connectTls({ socket: tcp, servername: isIP(host) ? '' : host, rejectUnauthorized: mode !== 'no-verify' });
  tls.on('error', () => tls.destroy());
  await once(tls, 'secureConnect');
  return tls;
}

function once<T = void>(socket: Socket, event: string): Promise<T> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    socket.once('close', () => reject(new Error('the connection was closed')));
  });
}
