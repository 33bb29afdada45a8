import { createExecutionContext } from 'cloudflare:test';
import { createApp } from '../../workers/gateway/app.ts';
import { createPorts } from '../../workers/gateway/create-ports.ts';
import type { GatewayPorts } from '../../workers/gateway/ports.ts';
import { testEnv } from './mint-tenant.ts';
import { expectMatchesContract } from './openapi-response.ts';
import { playedProvider } from './played-provider.ts';
import { rememberingDatabase } from './remembering-database.ts';

type Gate = ReturnType<GatewayPorts['gate']>;

/** A request's answer, read. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The gateway's own app, to be sent many bodies: its provider is played but where it streams, and its mails go nowhere. */
export interface DescribedApp {
  /** From now on Postgres is played (`rememberingDatabase`), and nothing is published. */
  playDatabase(): void;
  /** Answers what must be as openapi.json says. */
  send(method: string, path: string, headers: Readonly<Record<string, string>>, body: string): Promise<Answer>;
}

export function describedApp(): DescribedApp {
  let isPlayed = false;
  const real = createPorts(testEnv);
  const ports: GatewayPorts = {
    ...real,
    db: rememberingDatabase(real.db, () => isPlayed),
    gate: (tenantId, shard) => (isPlayed ? deafGate(real.gate(tenantId, shard)) : real.gate(tenantId, shard)),
    fetch: async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      const isProvider = url.startsWith(testEnv.PROVIDER_URL);
      return (isProvider ? playedProvider(url, String(init?.body)) : null) ?? (await real.fetch(input, init));
    },
    mailer: null,
  };
  const app = createApp(() => ports);
  return {
    playDatabase() {
      isPlayed = true;
    },
    async send(method, path, headers, body) {
      const request = new Request(`https://gateway.test${path}`, { method, headers, body });
      const response = await app.fetch(request, testEnv, createExecutionContext());
      await expectMatchesContract(response, method, path);
      return { status: response.status, text: await response.text() };
    },
  };
}

/** A gate that has no news and is handed none: the configuration of a played database is always the same. */
function deafGate(gate: Gate): Gate {
  const deaf: Partial<Gate> = {
    publish: async ({ configVersion }) => configVersion,
    snapshot: async () => ({ state: 'unchanged' }),
  };
  return new Proxy(gate, { get: (target, name) => Reflect.get(deaf, name) ?? Reflect.get(target, name) });
}
