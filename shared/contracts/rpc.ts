import type { Result } from '../errors/result.ts';
import type { LimitStatus } from './limits.ts';
import type { ProviderName } from './names.ts';
import type { HealthNews, HealthTold } from './provider-health.ts';
import type { AccessDenied } from './queues.ts';
import type { RequestLocation } from './residency.ts';
import type { PriceComponent, TenantSnapshot } from './tenant-snapshot.ts';
import type { Usage } from './usage.ts';

/** What is set aside for one request: the most that it can use. `requestId` names the hold. */
export interface HoldCommand {
  readonly requestId: string;
  readonly environmentId: string;
  readonly apiKeyId: string | null;
  readonly provider: ProviderName;
  readonly model: string;
  /** What may be called in its place when it fails: the hold draws from every limit that one of them falls under. */
  readonly alternatives?: readonly { readonly provider: ProviderName; readonly model: string }[];
  readonly taskType: string;
  readonly amountPicoUsd: string;
  /** False: the model has no price, so nothing can be held for it, and no hard stop can cover it. */
  readonly isPriced: boolean;
  /** Tokens assumed by `amountPicoUsd`, recorded if the request is never settled. */
  readonly bound: Usage;
  readonly priceVersion: string;
  /** As in `RequestRecorded`. */
  readonly ownPrices?: PriceComponent[];
  readonly startedAt: number;
  readonly traceparent: string;
  /** As in `RequestRecorded`. */
  readonly taskId?: string;
  readonly metadata: Record<string, unknown>;
  /** Of the first candidate. Absent in holds of an earlier release. */
  readonly location?: RequestLocation;
}

export type HoldRefusal =
  | { readonly reason: 'tenant_suspended' }
  | { readonly reason: 'key_revoked' }
  | { readonly reason: 'unpriced_under_budget'; readonly budgetName: string }
  | {
      readonly reason: 'limit_reached';
      readonly limit: LimitStatus;
      /** What the request would have drawn. */
      readonly asked: bigint;
      /** When there may be room; null: only a change of the limit can help. */
      readonly retryAfterMs: number | null;
      /** How long a request may wait for room. */
      readonly queueMs: number;
    };

/** An amount of one limit's counter, in the limit's unit. `start` is its slot. */
export interface Amount {
  readonly limitId: string;
  readonly start: number;
  readonly amount: bigint;
}

/** An amount that its holder may use before `end`. */
export interface Slice extends Amount {
  readonly end: number;
}

/** What a lease did with a counter since it last told. */
export interface Statement {
  readonly limitId: string;
  readonly start: number;
  /** What ended requests used. */
  readonly spent: bigint;
  /** How much the lease has less: what was used, and what it gives back. */
  readonly released: bigint;
  /** How much of what it still has is set aside for requests that run: for people to see. */
  readonly held: bigint;
}

/** A hold of a request that began within a lease: its id and its text (`writeHoldText`), to be durable while it runs. */
export type StartedHold = readonly [requestId: string, text: string];

/**
 * A slice that a lease would like to have; one smaller than `least` would be of no use to it. Requests wait for one that
 * `isNeeded`; any other is for what may come, and so a part of the room at most.
 */
export interface TopUp extends Amount {
  readonly least: bigint;
  readonly isNeeded?: true;
}

/** A request that asks to begin, in the name of the lease that will tell of it. Asked twice, it is answered twice the same. */
export interface HoldRequest {
  readonly leaseId: string;
  readonly hold: HoldCommand;
  /** Version of the configuration that the caller decided by. */
  readonly knownConfigVersion: number;
  /** Of the tenant's candidates. Absent from an isolate of an earlier release. */
  readonly health?: HealthTold;
}

/** What every answer to an isolate tells beside what was asked. */
export interface GateNews {
  /** Version of the configuration that was decided by. */
  readonly configVersion: number;
  /** Present when that is newer than the caller's. */
  readonly snapshot?: TenantSnapshot;
  /** What is left of the tenant's rates. */
  readonly rates: readonly RateStatus[];
  /** Over how many objects the tenant's leases are to be spread. */
  readonly shards: number;
  /** Of the tenant's candidates; absent where the caller told nothing of them. */
  readonly health?: HealthNews;
}

/** What is left of a limit of rates, for all isolates together. */
export interface RateStatus {
  readonly limitId: string;
  readonly remaining: bigint;
  readonly resetsAt: number | null;
}

/**
 * `stale`: decide again by the configuration that comes with the answer, under a new lease if this one has expired.
 * `unknown_tenant`: no configuration of this tenant was ever published here.
 */
export type HoldDecision =
  | { readonly kind: 'granted'; readonly draws: readonly Slice[] }
  | { readonly kind: 'refused'; readonly refusal: HoldRefusal }
  | { readonly kind: 'stale' }
  | { readonly kind: 'unknown_tenant' };

export interface HoldReply extends GateNews {
  readonly decision: HoldDecision;
}

/**
 * What a lease has to tell, and what it would like to have, in one call. Calls of a lease go one after the other; the same
 * `sequence` again is the same call again, and is answered as the first time.
 */
export interface SyncCommand {
  readonly leaseId: string;
  /** From 1. */
  readonly sequence: number;
  /** Version of the configuration that the caller decides by. */
  readonly knownConfigVersion: number;
  /** What ended, as texts of `RequestRecorded`. */
  readonly events: readonly string[];
  /** Those of them whose holds were durable. */
  readonly settledIds: readonly string[];
  /** Requests whose call for a hold failed: if they have one, it is given back. */
  readonly canceledIds: readonly string[];
  readonly statements: readonly Statement[];
  readonly started: readonly StartedHold[];
  readonly topUps: readonly TopUp[];
  /** Every request of the lease up to this one is told of: settled, held, or never begun. */
  readonly indexThrough: number;
  /** How many requests more the lease would like to begin before it tells again. */
  readonly permits: number;
  /** What such requests are like, for the record of those that are never told of. */
  readonly pattern: HoldCommand | null;
  /** Nothing of the lease runs or asks. */
  readonly isIdle: boolean;
  /** Nothing will begin in it either: it is known to have expired. */
  readonly isOver?: true;
  /** The lease is one of the tenant's own objects, which leases to isolates and records what they do. */
  readonly isShard?: true;
  /** As in `HoldRequest`. */
  readonly health?: HealthTold;
}

/**
 * `open`: the lease holds until its time is over. `expired`: it is; what it had counts as spent, and what it still tells
 * corrects that. `unknown_tenant`: no configuration of this tenant was ever published here.
 */
export interface SyncReply extends GateNews {
  readonly state: 'open' | 'expired' | 'unknown_tenant';
  readonly grants: readonly Slice[];
  /** Requests with an index below this one may begin without another call. */
  readonly indexLimit: number;
}

/** `unknown`: no configuration of this tenant was ever published here. */
export type SnapshotReply =
  | { readonly state: 'unknown' }
  | { readonly state: 'unchanged' }
  | { readonly state: 'newer'; readonly snapshot: TenantSnapshot };

/**
 * What one object of a tenant has that Postgres may not have yet. `since` (epoch milliseconds) is when the oldest of it was
 * told of, null when there is nothing. Each of the tenant's objects, those numbered below `shards`, tells of itself alone.
 */
export interface GateFreshness {
  readonly unrecordedSince: number | null;
  /** The most objects that the tenant was ever spread over: any of them may have something left. */
  readonly shards: number;
}

/**
 * All money of one object of a tenant, at one moment. `out` is held or leased. `unrecorded` is what the ledger has not
 * confirmed: requests that Postgres may have or not, each at its newest cost. A correction counts its whole cost, since the
 * object no longer knows what it corrects.
 */
export interface GateStanding {
  readonly spentPicoUsd: bigint;
  readonly outPicoUsd: bigint;
  readonly unrecorded: { readonly since: number | null; readonly count: number; readonly picoUsd: bigint };
  readonly shards: number;
}

/** Whose events are recorded, and the number of each, in their order. */
export interface RecordedFrom {
  /** Which of the tenant's runners. */
  readonly sender: number;
  readonly sequences: readonly number[];
}

/** What TenantGate offers to gateway and ledger. Failures of the platform throw; refusals are data. */
export interface TenantGateRpc {
  /** The stored configuration, when it is newer than the caller's. Writes nothing. */
  snapshot(knownConfigVersion: number): Promise<SnapshotReply>;
  /** Stores a configuration unless a newer one is there; answers the version now in force. */
  publish(snapshot: TenantSnapshot): Promise<number>;
  /** Sets the most that one request can use aside, durably. */
  hold(request: HoldRequest): Promise<HoldReply>;
  sync(command: SyncCommand): Promise<SyncReply>;
  /** Every limit as it stands now. */
  limits(): Promise<readonly LimitStatus[]>;
  /** How far Postgres may be behind. Cheap, whatever there is. */
  freshness(): Promise<GateFreshness>;
  /** What was spent, is out, and is on its way to Postgres. Reads all that is on its way. */
  standing(): Promise<GateStanding>;
  /** Takes refusals into the outbox, durably. False: the tenant is not known here, and nothing was taken. */
  deny(denials: readonly AccessDenied[]): Promise<boolean>;
  /**
   * Keeps events of another of the tenant's objects until Postgres has them: their texts. Once it answers, they are safe.
   * Each is taken once, however often it is told. Without `from`, as an earlier release tells them, subscribers may be
   * told of one twice, under one id; the record has it once.
   */
  record(events: readonly string[], from?: RecordedFrom): Promise<void>;
  /** Forgets what the tenant's subscribers were not told yet: for one that is erased. */
  forgetEvents(): Promise<void>;
  /** The ledger has these outbox rows in Postgres: they leave the outbox. */
  confirm(sequences: readonly number[]): Promise<void>;
}

/** What a sealed value is for. */
export type SealPurpose =
  | 'provider_account'
  | 'identity_provider'
  | 'secret'
  | 'audit_log_destination'
  | 'webhook_signing_secret'
  | 'sign_in_attempt'
  | 'kept_answer';

/** Where a sealed value belongs, and what for; a value moved anywhere else cannot be opened. */
export interface SealContext {
  /** Empty: no tenant's, but the platform's. */
  readonly tenantId: string;
  readonly table: string;
  readonly column: string;
  readonly rowId: string;
  readonly purpose: SealPurpose;
}

/** For whom a value is opened: the person or the API key that asked, and by which request. Without it, for the platform. */
export interface Opener {
  readonly actorUserId: string | null;
  readonly actorApiKeyId: string | null;
  readonly requestId: string;
}

/**
 * `erased`: the tenant's key is gone for good. `key_denied`: the KMS refuses the vault the key-encryption key.
 * `unavailable`: the KMS does not answer.
 */
export type OpenRefusal = {
  readonly reason: 'unknown_key' | 'malformed' | 'tampered_or_moved' | 'erased' | 'key_denied' | 'unavailable';
};

/** A tenant's key as its TenantGate keeps it: wrapped by the key-encryption key `kek`, which only the vault can use. */
export interface WrappedTenantKey {
  readonly id: string;
  readonly kek: string;
  readonly wrapped: string;
}

export type TenantKeyReply =
  | { readonly state: 'none' }
  | { readonly state: 'erased' }
  | { readonly state: 'stored'; readonly key: WrappedTenantKey };

/** What TenantGate offers to the vault: keeping the tenant's wrapped key apart from the database, and its outbox. */
export interface TenantKeysRpc {
  tenantKey(): Promise<TenantKeyReply>;
  /** Keeps the tenant's first key, unless it has or had one; answers what is in force. */
  adoptTenantKey(key: WrappedTenantKey): Promise<TenantKeyReply>;
  /** Keeps the same key in a new wrapping; false when it is not wrapped as `from` any more. */
  rewrapTenantKey(from: WrappedTenantKey, to: WrappedTenantKey): Promise<boolean>;
  /** Destroys the tenant's key. It gets no other. */
  eraseTenantKey(): Promise<void>;
  /** Puts the text of a `SecretOpened` into the outbox. Durable when it answers. */
  recordOpening(event: string): Promise<void>;
}

/**
 * What became of a tenant's wrapped key. `rewrapped`: it is now wrapped by the primary key-encryption key, `current`: it
 * was; `none`: there is nothing to wrap.
 */
export interface KeyRewrap {
  readonly outcome: 'rewrapped' | 'current' | 'none';
  /** The key-encryption key that the vault wraps with. */
  readonly primary: string;
}

/** What the vault offers to the other scripts over a service binding. */
export interface VaultRpc {
  /** Throws where the tenant's key cannot be had. */
  seal(context: SealContext, plaintext: string): Promise<string>;
  /**
   * Each opening of a tenant's value is told to its audit log; one that cannot be told throws. So is each that is refused,
   * as far as it can be told: of those alike, one in ten seconds.
   */
  open(context: SealContext, sealed: string, by?: Opener): Promise<Result<string, OpenRefusal>>;
  /** Wraps the tenant's key by the primary key-encryption key. An empty `tenantId`: the platform's. */
  rewrapKey(tenantId: string): Promise<Result<KeyRewrap, OpenRefusal>>;
  /** Seals a value again, under the tenant's key, without showing it. */
  reseal(context: SealContext, sealed: string): Promise<Result<string, OpenRefusal>>;
  ping(): Promise<'ok'>;
}

/** What a person may do in a tenant. */
export interface MembershipRpcReply {
  readonly status: 'active' | 'suspended' | 'deleting';
  readonly permissions: readonly string[];
}

/** What the ledger offers to scripts that have no database: the members of tenants. Throws while Postgres is away. */
export interface MembershipsRpc {
  /** Null when the tenant has given the person no role, when they are disabled, and when there is no such tenant. */
  find(tenantId: string, userId: string): Promise<MembershipRpcReply | null>;
}
