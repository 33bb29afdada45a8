import * as z from 'zod';
import { type LedgerEvent, requestStatus } from './queues.ts';
import type { HoldCommand } from './rpc.ts';
import { taskStatus } from './tasks.ts';

/** What a tenant's events are about. */
export const EVENT_FAMILIES = ['task', 'request', 'alert'] as const;
export type EventFamily = (typeof EVENT_FAMILIES)[number];

const time = z.iso.datetime();
const metadata = z.record(z.string(), z.unknown());
/** Exactly: a decimal with up to 12 decimals. */
const usd = z.string();

const taskData = z.object({
  taskId: z.uuid(),
  /** Grows with every change of the task. */
  revision: z.int().positive(),
  status: taskStatus,
  taskType: z.string(),
  priority: z.int(),
  batchId: z.uuid().nullable(),
  /** Attempts that were begun. */
  attempts: z.int().nonnegative(),
  maxAttempts: z.int().positive(),
  createdAt: time,
  /** When it may begin, or be tried again. */
  executeAt: time,
  deadlineAt: time,
  endedAt: time.nullable(),
  errorCode: z.string().nullable(),
  /** Of all attempts; null while that of any is not known. */
  costUsd: usd.nullable(),
  metadata,
});

const requestData = z.object({
  requestId: z.uuid(),
  /** The task that it is an attempt at. */
  taskId: z.uuid().nullable(),
  provider: z.string(),
  model: z.string(),
  taskType: z.string(),
  startedAt: time,
  metadata,
});

/** How a request came to its provider: what of its `RoutingDecision` is no list of all that it did not go to. */
const routing = z.object({
  /** Null: the request's own preferences. */
  policyId: z.uuid().nullable(),
  policyVersion: z.int().nullable(),
  strategy: z.string(),
  /** JSON pointer of the rule that fitted, within the policy. */
  rule: z.string().nullable(),
  /** In the order in which they were taken. */
  candidates: z.array(
    z.object({
      provider: z.string(),
      model: z.string(),
      account: z.string().nullable(),
      status: z.enum(['served', 'failed', 'canceled', 'standby']),
      reason: z.string(),
      errorCode: z.string().exactOptional(),
    }),
  ),
});

const endedRequestData = requestData.extend({
  status: requestStatus,
  errorCode: z.string().nullable(),
  latencyMs: z.int().nonnegative().nullable(),
  /** Null: the provider did not tell. */
  inputTokenCount: z.int().nonnegative().nullable(),
  outputTokenCount: z.int().nonnegative().nullable(),
  costUsd: usd,
  endedAt: time,
  /** Absent where there was nothing to choose. */
  routing: routing.exactOptional(),
});

const alertData = z.object({
  /** What it is about; others may be added. */
  kind: z.literal('budget_threshold'),
  budgetId: z.uuid(),
  budgetName: z.string(),
  /** Per cent of the budget's amount. */
  threshold: z.int().positive(),
  /** Null: a budget without periods. */
  periodStart: time.nullable(),
  capUsd: usd,
  spentUsd: usd,
});

/** What each event tells. Never what was asked or answered. */
export const EVENT_DATA = {
  'task.created': taskData,
  'task.updated': taskData,
  'request.started': requestData,
  'request.completed': endedRequestData,
  /** What a request cost was an estimate, and now is known. */
  'request.corrected': endedRequestData,
  'alert.fired': alertData,
} as const;
export type EventType = keyof typeof EVENT_DATA;

const envelope = {
  /** The same for the same event, wherever and however often it is read. */
  id: z.string(),
  time,
  /** Null: it is the tenant's and no environment's. */
  environmentId: z.uuid().nullable(),
  /** The key that the request or task was made with. */
  apiKeyId: z.uuid().nullable(),
  traceId: z.string().nullable(),
};

const placed = {
  /** From 1, by one for each event of the tenant: without a gap. */
  sequence: z.int().positive(),
  tenantId: z.uuid(),
};

function typed<Type extends EventType>(type: Type) {
  return z.object({ ...placed, ...envelope, type: z.literal(type), data: EVENT_DATA[type] });
}

/** An event as subscribers read it. */
export const publicEvent = z.discriminatedUnion('type', [
  typed('task.created'),
  typed('task.updated'),
  typed('request.started'),
  typed('request.completed'),
  typed('request.corrected'),
  typed('alert.fired'),
]);
export type PublicEvent = z.infer<typeof publicEvent>;

type Unplaced<Event> = Event extends unknown ? Omit<Event, keyof typeof placed> : never;

/** An event on its way to the tenant's EventHub, which gives it its place. */
export type EventToTell = Unplaced<PublicEvent>;

/**
 * What a TenantGate tells the tenant's hub, in the order in which it happened. Hold and record are those of the gate's own
 * tables; the hub makes events of them, so that a gate spends nothing on that.
 */
export type Told =
  /** Requests that have begun: texts of their holds. */
  | { readonly kind: 'started'; readonly holds: readonly (readonly [HoldCommand, ...unknown[]])[] }
  /** The hold of one that never began, after all. */
  | { readonly kind: 'given_up'; readonly hold: HoldCommand; readonly at: number }
  /** What goes to the ledger; `begun` names requests of it whose beginning was told before. */
  | { readonly kind: 'recorded'; readonly events: readonly LedgerEvent[]; readonly begun: readonly string[] }
  /** For the hub itself: who may read may have changed. It has no place among the events. */
  | { readonly kind: 'configured'; readonly configVersion: number };

/** What of an event subscribers choose by, as the hub reads it from a text that the platform wrote. */
export interface EventFacts {
  readonly family: EventFamily;
  readonly environmentId: string | null;
  readonly apiKeyId: string | null;
  readonly taskId: string | null;
}

/** Which events somebody wants; an absent field is all of them. */
export const eventFilter = z.strictObject({
  types: z.array(z.enum(EVENT_FAMILIES)).min(1).max(EVENT_FAMILIES.length).exactOptional(),
  environmentId: z.uuid().exactOptional(),
  taskId: z.uuid().exactOptional(),
  apiKeyId: z.uuid().exactOptional(),
});
export type EventFilter = z.infer<typeof eventFilter>;

/** What a gate tells, each with its number. */
export interface EventBatch {
  /** Which of the tenant's TenantGates sends it. */
  readonly sender: number;
  /** The number of the first. */
  readonly first: number;
  /** JSON text of a list of `Told`. */
  readonly told: string;
}

export interface TakeReply {
  /** Somebody reads: then events should come without delay. */
  readonly isWatched: boolean;
}

/** Placed events from one place of the window on, as far as they go. */
export interface EventPage {
  /** Texts of `PublicEvent`, without a gap between them. */
  readonly events: readonly string[];
  /** The place of the first. */
  readonly first: number;
  /** The newest place that there is. */
  readonly last: number;
}

/** What a shard is sent by its root. */
export interface RelayedEvents extends EventPage {
  /** The newest configuration that the root was told of. */
  readonly configVersion: number;
}

export interface RelayReply {
  /** Everything up to this place is with the shard. */
  readonly through: number;
  readonly sockets: number;
}

/** The header in which a gateway says who reads. No client reaches a hub but through a gateway. */
export const READER_HEADER = 'x-eufm-reader';

/** Who reads, for what, and until when: with the socket, through hibernation. */
export const reader = z.object({
  v: z.literal(1),
  actor: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('api_key'), apiKeyId: z.uuid(), address: z.string().nullable() }),
    z.object({ kind: z.literal('user'), userId: z.uuid() }),
  ]),
  /** `relayed`: by a gateway that writes it on as Server-Sent Events. `direct`: by the client itself. */
  via: z.enum(['relayed', 'direct']),
  filters: z.record(z.string(), eventFilter),
  /** The one environment whose events they may see; null: all, and the tenant's own. */
  within: z.uuid().nullable(),
  /** Everything up to this place was sent; null: all that there is. */
  cursor: z.int().nonnegative().nullable(),
  /** False: it ends where there is no more to read. */
  follows: z.boolean(),
  /** Epoch milliseconds. */
  until: z.int().positive(),
});
export type Reader = z.infer<typeof reader>;

/** What a gateway asks a hub for, as a header of the upgrade. */
export const readerRequest = z.object({
  reader,
  /** Of the tenant at once, and of one object. */
  mostConnections: z.int().positive(),
  mostInOne: z.int().positive(),
});
export type ReaderRequest = z.infer<typeof readerRequest>;

/** Why somebody may not read, or may not any more. */
export const ACCESS_REFUSALS = ['unauthenticated', 'permission_denied', 'tenant_suspended'] as const;
export type AccessRefusal = (typeof ACCESS_REFUSALS)[number];

/** How a hub answers an upgrade that it does not take. */
export const hubAnswer = z.discriminatedUnion('kind', [
  /** Ask this shard. */
  z.object({ kind: z.literal('elsewhere'), shard: z.int().positive() }),
  z.object({ kind: z.literal('full') }),
  z.object({ kind: z.literal('refused'), reason: z.enum(ACCESS_REFUSALS) }),
]);
export type HubAnswer = z.infer<typeof hubAnswer>;

/** What an EventHub offers to the tenant's other objects. Failures of the platform throw. */
export interface EventHubRpc {
  /** Takes events in their sender's order, each once however often it is sent. */
  take(batch: EventBatch): Promise<TakeReply>;
  /** On a shard: takes events of its root, in their order, each once. */
  relay(events: RelayedEvents): Promise<RelayReply>;
  /** On the root: a shard has readers. Answers the newest place. */
  join(shard: number): Promise<number>;
  /** On the root: what the window has after a place. */
  read(after: number): Promise<EventPage>;
  /** Ends every connection and forgets every event. Safe to be called again. */
  erase(): Promise<void>;
}
