import { createExecutionContext } from 'cloudflare:test';
import type { IdempotencyStoreRpc } from '../../shared/contracts/idempotency.ts';
import { createApp } from '../../workers/gateway/app.ts';
import { createPorts } from '../../workers/gateway/create-ports.ts';
import { type TestTenant, testEnv } from './mint-tenant.ts';

/** Never goes on: the isolate is gone. */
const gone = () => new Promise<never>(() => {});

/** Sends a request with an Idempotency-Key to an isolate that is gone when it has told its store this much. */
export function crash(point: 'claimed' | 'done', tenant: TestTenant, key: string, path: string, body: object): void {
  const ports = createPorts(testEnv);
  const dying = (store: IdempotencyStoreRpc): IdempotencyStoreRpc => ({
    claim: async (command) => {
      const reply = await store.claim(command);
      return point === 'claimed' ? await gone() : reply;
    },
    ...{ renew: gone, keep: gone, lapse: gone, forget: gone },
  });
  const app = createApp(() => ({
    ...ports,
    idempotencyStore: (scope, shard) => dying(ports.idempotencyStore(scope, shard)),
  }));
  const headers = { ...tenant.headers, 'idempotency-key': key };
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  void app.fetch(new Request(`https://gateway.test${path}`, init), testEnv, createExecutionContext());
}
