import { regionName } from '../shared/contracts/names.ts';
import type { TenantGate } from './tenant-gate/tenant-gate.ts';

/** Bindings that naming an object needs. */
export interface StubBindings {
  readonly JURISDICTION: string;
  readonly TENANT_GATE: DurableObjectNamespace<TenantGate>;
}

/**
 * The tenant's one TenantGate. This file alone names objects: the same name without its jurisdiction is another object,
 * that is, a second budget.
 */
export function tenantGate(env: StubBindings, tenantId: string): DurableObjectStub<TenantGate> {
  return inJurisdiction(env.TENANT_GATE, env.JURISDICTION).getByName(tenantId);
}

function inJurisdiction<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  jurisdiction: string,
): DurableObjectNamespace<T> {
  return jurisdiction === '' ? namespace : namespace.jurisdiction(regionName.parse(jurisdiction));
}
