import { WorkerEntrypoint } from 'cloudflare:workers';
import type { StateEnv } from './env.ts';

export { EventHub } from './event-hub/event-hub.ts';
export { IdempotencyStore } from './idempotency-store/idempotency-store.ts';
export { ResponseCache } from './response-cache/response-cache.ts';
export { TenantGate } from './tenant-gate/tenant-gate.ts';

/** The `state` script is only its Durable Objects: nothing answers it over HTTP. */
export default class State extends WorkerEntrypoint<StateEnv> {
  override fetch(): Response {
    return new Response(null, { status: 404 });
  }
}
