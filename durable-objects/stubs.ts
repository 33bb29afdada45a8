import { regionName } from '../shared/contracts/names.ts';
import type { EventHub } from './event-hub/event-hub.ts';
import type { IdempotencyStore } from './idempotency-store/idempotency-store.ts';
import type { ResponseCache } from './response-cache/response-cache.ts';
import type { TaskRunnerBase } from './task-runner/task-runner-base.ts';
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

/** Bindings that naming an EventHub needs. */
export interface EventBindings extends Pick<StubBindings, 'JURISDICTION'> {
  readonly EVENT_HUB: DurableObjectNamespace<EventHub>;
}

/** Most shards that a tenant's readers are spread over, beside its hub itself. */
export const MOST_HUB_SHARDS = 16;

/** The tenant's one EventHub, or with a `shard` above 0 one of those that only hold readers. */
export function eventHub(env: EventBindings, tenantId: string, shard = 0): DurableObjectStub<EventHub> {
  const name = shard === 0 ? tenantId : `${tenantId}/${shard}`;
  return inJurisdiction(env.EVENT_HUB, env.JURISDICTION).getByName(name);
}

/** Runners that one tenant's tasks are spread over. A task's id says which has it: with another number it is not found. */
export const TASK_RUNNERS = 8;

/** Bindings that naming a TaskRunner needs. */
export interface TaskStubBindings {
  readonly JURISDICTION: string;
  readonly TASK_RUNNER: DurableObjectNamespace<TaskRunnerBase<unknown>>;
}

/** One of the runners of a tenant's tasks, from 0. */
export function taskRunner(
  env: TaskStubBindings,
  tenantId: string,
  runner: number,
): DurableObjectStub<TaskRunnerBase<unknown>> {
  return inJurisdiction(env.TASK_RUNNER, env.JURISDICTION).getByName(`${tenantId}/${runner}`);
}

/** Which of a tenant's runners has a task: its id's last digit says so. */
export function runnerOf(taskId: string): number {
  return Number.parseInt(taskId.slice(-1), 16) % TASK_RUNNERS;
}

/** Which object it is: the opposite of `tenantGate`, `eventHub` and `taskRunner`. */
export function placeOf({ name = '' }: DurableObjectId): { readonly tenantId: string; readonly shard: number } {
  const [tenantId = '', shard = '0'] = name.split('/');
  return { tenantId, shard: Number(shard) };
}

/** Bindings that naming a ResponseCache needs. */
export interface CacheBindings extends Pick<StubBindings, 'JURISDICTION'> {
  readonly RESPONSE_CACHE: DurableObjectNamespace<ResponseCache>;
}

/** A tenant's stored answers lie in sixteen objects, by the first digit of a hash. */
const CACHE_SHARDS = '0123456789abcdef';

/** The object that has a tenant's answers of a family; `familyHash` is in hexadecimal digits. */
export function responseCache(
  env: CacheBindings,
  tenantId: string,
  familyHash: string,
): DurableObjectStub<ResponseCache> {
  return inJurisdiction(env.RESPONSE_CACHE, env.JURISDICTION).getByName(`${tenantId}/${familyHash.charAt(0)}`);
}

/** All objects that have answers of a tenant. */
export function responseCaches(env: CacheBindings, tenantId: string): DurableObjectStub<ResponseCache>[] {
  return [...CACHE_SHARDS].map((shard) => responseCache(env, tenantId, shard));
}

/** Whose keys they are: those of a tenant, or of a person on routes that belong to no tenant. */
export interface KeyScope {
  readonly kind: 'tenant' | 'person';
  readonly id: string;
}

/** Bindings that naming an IdempotencyStore needs. */
export interface IdempotencyBindings extends Pick<StubBindings, 'JURISDICTION'> {
  readonly IDEMPOTENCY_STORE: DurableObjectNamespace<IdempotencyStore>;
}

/** One of the objects that have a scope's idempotency keys between them. */
export function idempotencyStore(
  env: IdempotencyBindings,
  { kind, id }: KeyScope,
  shard: number,
): DurableObjectStub<IdempotencyStore> {
  return inJurisdiction(env.IDEMPOTENCY_STORE, env.JURISDICTION).getByName(`${kind}/${id}/${shard}`);
}

function inJurisdiction<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  jurisdiction: string,
): DurableObjectNamespace<T> {
  return jurisdiction === '' ? namespace : namespace.jurisdiction(regionName.parse(jurisdiction));
}
