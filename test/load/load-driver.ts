import { connect } from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import { describeLatencies, FAILURE_LENGTH, type Load, type LoadResult, takeLoads } from './load.ts';

/** Without an answer for so long, a connection is given up. */
const SILENCE_MS = 20_000;

/**
 * Sends the requests, the next on a connection as soon as the last is answered. Written on bare sockets, since whatever
 * the clients cost is taken from the machine that is measured. In a process of its own, so that its work is nobody else's.
 */
async function run(load: Load): Promise<LoadResult> {
  const { connections, amount, expected } = load;
  const { hostname, port } = new URL(load.url);
  const requests = (load.callers ?? [{}]).map((caller) => toBytes(load, caller));
  const latencies: number[] = [];
  const turns = load.turnsBefore ?? 0;
  let [sent, completed, failed] = [0, 0, 0];
  const startedAt = performance.now();
  let endedAt = startedAt;
  let failure: string | undefined;

  const client = () =>
    new Promise<void>((resolve) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true, timeout: SILENCE_MS });
      const reader = new AnswerReader(expected);
      let sentAt = 0;
      const next = () => {
        if (sent === amount) {
          socket.destroy();
          resolve();
          return;
        }
        const request = requests[(turns + sent++) % requests.length];
        sentAt = performance.now();
        if (request) socket.write(request);
      };
      const giveUp = () => {
        failed += 1;
        socket.destroy();
        resolve();
      };
      socket.setEncoding('latin1'); // a character is a byte
      socket.on('data', (data: string) => {
        const outcome = reader.push(data);
        if (outcome === 'open') return;
        endedAt = performance.now();
        if (outcome === 'whole') completed += 1;
        else failed += 1;
        if (outcome === 'failed') failure ??= reader.failure?.slice(0, FAILURE_LENGTH);
        latencies.push(endedAt - sentAt);
        next();
      });
      socket.once('connect', next).once('end', giveUp).once('timeout', giveUp).once('error', giveUp);
    });
  await Promise.all(Array.from({ length: connections }, client));

  return {
    completed,
    failed,
    ...(failure !== undefined && { failure }),
    ...describeLatencies(latencies, endedAt - startedAt),
  };
}

function toBytes({ url, headers, body }: Load, caller: Readonly<Record<string, string>>): Buffer {
  const { host, pathname } = new URL(url);
  const lines = Object.entries({ host, ...headers, ...caller, 'content-length': `${Buffer.byteLength(body)}` });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`POST ${pathname} HTTP/1.1\r\n${head}\r\n${body}`);
}

takeLoads(run);
