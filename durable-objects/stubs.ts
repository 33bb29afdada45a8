import { regionName } from '../shared/contracts/names.ts';
import type { TenantGate } from './tenant-gate/tenant-gate.ts';

/** The most objects that one tenant is spread over. */
export const MOST_SHARDS = 16;

/** Bindings that naming an object needs. */
export interface StubBindings {
  readonly JURISDICTION: string;
  readonly TENANT_GATE: DurableObjectNamespace<TenantGate>;
}

/**
 * The tenant's one TenantGate, or with a `shard` above 0 one of those that lease from it. This file alone names objects:
 * the same name without its jurisdiction is another object, that is, a second budget.
 */
export function tenantGate(env: StubBindings, tenantId: string, shard = 0): DurableObjectStub<TenantGate> {
  const name = shard === 0 ? tenantId : `${tenantId}/${shard}`;
  return inJurisdiction(env.TENANT_GATE, env.JURISDICTION).getByName(name);
}

/** Which object it is: the opposite of `tenantGate`. */
export function placeOf({ name = '' }: DurableObjectId): { readonly tenantId: string; readonly shard: number } {
  const [tenantId = '', shard = '0'] = name.split('/');
  return { tenantId, shard: Number(shard) };
}

function inJurisdiction<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  jurisdiction: string,
): DurableObjectNamespace<T> {
  return jurisdiction === '' ? namespace : namespace.jurisdiction(regionName.parse(jurisdiction));
}
