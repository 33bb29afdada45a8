import { runInDurableObject } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { idempotencyStore } from '../../durable-objects/stubs.ts';
import { mintTenant, type TenantOptions, type TestTenant, testEnv } from './mint-tenant.ts';

/** Ends the run of every key, as time would. For `changeKeys`. */
export const LAPSE = 'UPDATE keys SET deadline = 0';

const SHARDS = Array.from({ length: 16 }, (_, shard) => shard);

/** A tenant at a scripted provider, whose calls are counted. */
export interface KeyedTenant {
  readonly tenant: TestTenant;
  /** Sends a request with an idempotency key, whose answer is not looked at. */
  ask(key: string | null, request?: Partial<AskedRequest>): Promise<Response>;
  /** How often the provider was called, and how it saw the last call end. */
  calls(): Promise<{ readonly count: number; readonly end?: string }>;
  /** Lets a `stepwise` answer go on by one chunk. */
  step(): Promise<unknown>;
}

export interface AskedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export const ASK = JSON.stringify({
  input: 'hello',
  providerPreferences: [{ provider: 'openai', model: 'gpt-4o-mini' }],
});
export const STREAM = JSON.stringify({ ...JSON.parse(ASK), stream: true });

export async function mintKeyedTenant(script: string, options: TenantOptions = {}): Promise<KeyedTenant> {
  const id = crypto.randomUUID();
  const tenant = await mintTenant({ providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/${script}~${id}`, ...options });
  const control = async (action: string) =>
    (await fetch(`${testEnv.SCRIPTED_PROVIDER_URL}/control/${action}/${id}`)).json<{ count: number; end?: string }>();
  return {
    tenant,
    ask: (key, { method = 'POST', path = '/v1/orchestrate', body = ASK, headers } = {}) =>
      exports.default.fetch(`https://gateway.test${path}`, {
        ...{ method, body },
        headers: { ...tenant.headers, ...headers, ...(key !== null && { 'idempotency-key': key }) },
      }),
    calls: () => control('call'),
    step: () => control('step'),
  };
}

/** Runs SQL on every object that has keys of a tenant: what a day, or a crash, would have left. */
export async function changeKeys({ tenantId }: TestTenant, statement: string): Promise<void> {
  for (const shard of SHARDS) {
    const store = idempotencyStore(testEnv, { kind: 'tenant', id: tenantId }, shard);
    await runInDurableObject(store, (_object, { storage }) => void storage.sql.exec(statement));
  }
}

/** Every row of a table of those objects, as text. */
export async function keysOf({ tenantId }: TestTenant, table: 'keys' | 'bodies'): Promise<string[]> {
  const rows: string[] = [];
  for (const shard of SHARDS) {
    const store = idempotencyStore(testEnv, { kind: 'tenant', id: tenantId }, shard);
    const found = await runInDurableObject(store, (_object, { storage }) =>
      storage.sql.exec(`SELECT * FROM ${table}`).toArray(),
    );
    rows.push(
      ...found.map((row) =>
        Object.values(row)
          .map((value) => (value instanceof ArrayBuffer ? new TextDecoder().decode(value) : String(value)))
          .join(' '),
      ),
    );
  }
  return rows;
}
