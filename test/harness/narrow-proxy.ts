import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server over TCP that brings its clients few bytes a second. */
export interface NarrowProxy extends AsyncDisposable {
  readonly port: number;
  /** From now on it brings everything at once. */
  widen(): void;
}

/** Stands before a port of this machine. */
export async function startNarrowProxy(target: number, bytesPerSecond: number): Promise<NarrowProxy> {
  const upstreams = new Map<Socket, Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    upstreams.set(upstream, client);
    for (const socket of [client, upstream]) {
      socket.on('error', () => {});
      socket.on('close', () => {
        upstreams.delete(upstream);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    if (clock === null) upstream.pipe(client);
  });
  let clock: ReturnType<typeof setInterval> | null = setInterval(() => {
    for (const [upstream, client] of upstreams) {
      const some: Buffer | null = upstream.read(Math.min(bytesPerSecond, upstream.readableLength));
      if (some) client.write(some);
    }
  }, 1_000);
  const stop = () => {
    clearInterval(clock ?? undefined);
    clock = null;
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port, // it listens on TCP
    widen() {
      stop();
      for (const [upstream, client] of upstreams) upstream.pipe(client);
    },
    async [Symbol.asyncDispose]() {
      stop();
      for (const [upstream, client] of upstreams) {
        upstream.destroy();
        client.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}
