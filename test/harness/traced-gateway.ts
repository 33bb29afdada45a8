import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { vi } from 'vitest';
import * as z from 'zod';
import { createApp } from '../../workers/gateway/app.ts';
import { createPorts } from '../../workers/gateway/create-ports.ts';
import type { GatewayEnv } from '../../workers/gateway/env.ts';
import { KeyUses } from '../../workers/gateway/identity/key-uses.ts';
import type { GatewayPorts } from '../../workers/gateway/ports.ts';
import { testEnv } from './mint-tenant.ts';

/** A batch of Neon's protocol, or one query. */
const sent = z.union([
  z.object({ queries: z.array(z.object({ query: z.string(), params: z.array(z.unknown()) })) }),
  z.object({ query: z.string(), params: z.array(z.unknown()) }).transform((one) => ({ queries: [one] })),
]);

/** An answer, and what the gateway asked of others for it and behind it. */
export interface Traced {
  readonly answer: string;
  /**
   * Statements by their texts, without their values; calls of Durable Objects and of the vault by object and method; other
   * requests by their addresses. In the order of the alphabet: what runs at once has none of its own.
   */
  readonly steps: readonly string[];
}

type App = ReturnType<typeof createApp>;

/**
 * The gateway as an isolate that remembers nothing: each request is its first. `extend` may add routes. What is written of
 * keys’ and tokens’ last uses comes by the clock, behind the answers of several, and is left out.
 */
export function tracedGateway(extend: (app: App) => void = () => {}) {
  let ports: GatewayPorts;
  const app = createApp(() => ports);
  extend(app);
  return async (path: string, init: RequestInit): Promise<Traced> => {
    const steps: string[] = [];
    const keyUses = new KeyUses({
      ...{ write: async () => {}, wait: async () => {}, now: () => Date.now(), onFailure: () => {} },
    });
    ports = { ...createPorts(tracedBindings(steps)), keyUses };
    const original = globalThis.fetch;
    const spy = vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
      steps.push(...stepsOf(String(input), init));
      return original(input, init);
    });
    const pauses = vi.spyOn(scheduler, 'wait').mockResolvedValue(undefined); // refusals are told of at once
    try {
      const context = createExecutionContext();
      const response = await app.fetch(new Request(`https://gateway.test${path}`, init), testEnv, context);
      const text = await response.text();
      await waitOnExecutionContext(context);
      const requestId = response.headers.get('x-request-id') ?? 'none';
      return { answer: `${response.status} ${text.replaceAll(requestId, 'the-request')}`, steps: steps.toSorted() };
    } finally {
      spy.mockRestore();
      pauses.mockRestore();
    }
  };
}

function stepsOf(address: string, init: RequestInit = {}): string[] {
  if (!address.startsWith(testEnv.NEON_ENDPOINT)) return [`fetch ${address}`];
  const connection = new Headers(init.headers).get('neon-connection-string') ?? '';
  if (new URL(connection).username !== 'eufm_app') return []; // the ledger's, or the test's own
  const { queries } = sent.parse(JSON.parse(String(init.body)));
  if (queries.some(({ query }) => query.includes('update scim_tokens set last_used_at'))) return [];
  return queries.map(({ query, params }) => `sql ${query.replaceAll(/\s+/g, ' ').trim()} (${params.length})`);
}

/** The bindings, but that calls of the vault and of Durable Objects through them are noted. */
function tracedBindings(steps: string[]): GatewayEnv {
  const traced = Object.entries(testEnv).flatMap(([name, binding]): [string, object][] => {
    if (typeof binding !== 'object' || binding === null) return [];
    return 'getByName' in binding ? [[name, notingObjects(binding, steps)]] : [];
  });
  return { ...testEnv, ...Object.fromEntries(traced), VAULT: noting(testEnv.VAULT, 'vault', steps) };
}

/** A namespace whose objects note what they are called for, whichever way they are named. */
function notingObjects(namespace: object, steps: string[]): object {
  return new Proxy(namespace, {
    get: (_, method) => {
      const member: unknown = Reflect.get(namespace, method);
      if (typeof member !== 'function') return member;
      return (name: unknown, ...rest: unknown[]) => {
        const named: object = Reflect.apply(member, namespace, [name, ...rest]);
        return noting(named, `object ${shardless(String(name))}`, steps);
      };
    },
  });
}

/** Which of a tenant's objects of a class it is follows from the id that is asked for, whoever has it. */
function shardless(name: string): string {
  return name.replace(/\/[0-9a-f]+$/, '/*');
}

function noting<T extends object>(target: T, name: string, steps: string[]): T {
  return new Proxy(target, {
    get: (_, method) => {
      const member: unknown = Reflect.get(target, method);
      if (typeof member !== 'function') return member;
      return (...parameters: unknown[]) => {
        steps.push(`${name} ${String(method)}`);
        return Reflect.apply(member, target, parameters);
      };
    },
  });
}
