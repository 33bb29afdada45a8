import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const ATTEMPTS = 100;
/** Below the ports that systems give to outgoing connections, so that a remembered one is rarely taken. */
const [LOWEST, HIGHEST] = [20_000, 32_000];

/**
 * Free ports for the parts that only this machine talks to, remembered in the folder: the identity provider's is part of
 * its issuer, which should not change with every start.
 */
export async function choosePorts<Name extends string>(
  directory: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const file = join(directory, 'ports.json');
  const remembered = readPorts(file);
  const chosen: Record<string, number> = {};
  for (const name of names) {
    let port = remembered[name] ?? randomInt(LOWEST, HIGHEST);
    for (let attempt = 0; Object.values(chosen).includes(port) || !(await isPortFree(port)); attempt++) {
      if (attempt === ATTEMPTS) throw new Error(`No free port found for ${name}.`);
      port = randomInt(LOWEST, HIGHEST);
    }
    chosen[name] = port;
  }
  writeFileSync(file, JSON.stringify(chosen));
  return chosen as Record<Name, number>; // every name was given one above
}

/** Fails, in words for whoever chose it, when the port is taken. */
export async function requireFreePort(port: number): Promise<void> {
  if (await isPortFree(port)) return;
  throw new Error(`Port ${port} is in use by another program. Choose a free one: PORT=${port + 1} npm start`);
}

/** True when nothing listens on the port at either address that `localhost` may stand for. */
async function isPortFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer();
    try {
      server.listen({ port, host, exclusive: true });
      await once(server, 'listening');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' || code === 'EACCES') return false; // any other code: this machine lacks the address
    } finally {
      server.close();
    }
  }
  return true;
}

function readPorts(file: string): Readonly<Record<string, number>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}
