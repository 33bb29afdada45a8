import type { Result } from '../errors/result.ts';
import type { ProviderName } from './names.ts';
import type { RequestStatus } from './queues.ts';
import type { PriceComponent, TenantSnapshot } from './tenant-snapshot.ts';
import type { Usage } from './usage.ts';

/**
 * Asks TenantGate for the money that one request can cost at most. `requestId` names the hold: asking twice with the
 * same id is answered as the first time.
 */
export interface HoldCommand {
  readonly requestId: string;
  readonly environmentId: string;
  readonly apiKeyId: string | null;
  readonly provider: ProviderName;
  readonly model: string;
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
  readonly metadata: Record<string, unknown>;
  /** Version of the snapshot that the caller decided by; the answer brings a newer one when there is one. */
  readonly knownConfigVersion: number;
}

export type HoldRefusal =
  | { readonly reason: 'tenant_unknown' }
  | { readonly reason: 'tenant_suspended' }
  | { readonly reason: 'key_revoked' }
  | { readonly reason: 'unpriced_under_budget'; readonly budgetName: string }
  | {
      readonly reason: 'budget_exhausted';
      readonly budgetId: string;
      readonly budgetName: string;
      readonly capPicoUsd: string;
      readonly spentPicoUsd: string;
      readonly heldPicoUsd: string;
    };

export interface HoldReply {
  readonly result: Result<{ readonly deadline: number }, HoldRefusal>;
  /** Present when TenantGate's configuration is newer than the caller's. */
  readonly snapshot?: TenantSnapshot;
}

/** `unknown`: no configuration of this tenant was ever published here. */
export type SnapshotReply =
  | { readonly state: 'unknown' }
  | { readonly state: 'unchanged' }
  | { readonly state: 'newer'; readonly snapshot: TenantSnapshot };

/** Turns a hold into usage. Settling twice changes nothing; settling after expiry corrects the estimate. */
export interface SettleCommand {
  readonly requestId: string;
  readonly status: RequestStatus;
  readonly errorCode: string | null;
  readonly usage: Usage;
  /** Null: not known, bill the hold and mark the request `estimated`. What was counted goes in with that status. */
  readonly costPicoUsd: string | null;
  readonly latencyMs: number | null;
  readonly endedAt: number;
}

/** What TenantGate offers to gateway and ledger. Failures of the platform throw; refusals are data. */
export interface TenantGateRpc {
  /** The stored configuration, when it is newer than the caller's. Writes nothing. */
  snapshot(knownConfigVersion: number): Promise<SnapshotReply>;
  /** Stores a configuration unless a newer one is there; answers the version now in force. */
  publish(snapshot: TenantSnapshot): Promise<number>;
  hold(command: HoldCommand): Promise<HoldReply>;
  /** Extends the holds of calls still running; those already settled or expired are passed over. */
  renew(requestIds: readonly string[]): Promise<void>;
  settle(commands: readonly SettleCommand[]): Promise<void>;
  /** The ledger has these outbox rows in Postgres: they leave the outbox. */
  confirm(sequences: readonly number[]): Promise<void>;
}

/** Where a sealed value belongs; a value moved anywhere else cannot be opened. */
export interface SealContext {
  readonly tenantId: string;
  readonly table: string;
  readonly column: string;
  readonly rowId: string;
}

export type OpenRefusal = { readonly reason: 'unknown_key' | 'malformed' | 'tampered_or_moved' };

/** What the vault offers to the other scripts over a service binding. */
export interface VaultRpc {
  seal(context: SealContext, plaintext: string): Promise<string>;
  open(context: SealContext, sealed: string): Promise<Result<string, OpenRefusal>>;
  ping(): Promise<'ok'>;
}
