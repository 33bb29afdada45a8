import type { LedgerBatch } from '../shared/contracts/queues.ts';
import type { PlatformVars } from '../shared/platform/platform-vars.ts';
import type { EventHub } from './event-hub/event-hub.ts';
import type { TenantGate } from './tenant-gate/tenant-gate.ts';

/** Bindings of the `state` script. It holds no secret. */
export interface StateEnv extends PlatformVars {
  readonly TENANT_GATE: DurableObjectNamespace<TenantGate>;
  readonly EVENT_HUB: DurableObjectNamespace<EventHub>;
  readonly LEDGER: Queue<LedgerBatch>;
}
