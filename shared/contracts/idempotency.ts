/** A request that asks to be run under its key. `claimId` names this run, `effectId` what it is to do, should it be the first. */
export interface ClaimCommand {
  /** SHA-256 of the key: what clients write into keys is not kept. */
  readonly keyHash: string;
  /** SHA-256 of all that makes it the same request. */
  readonly fingerprint: string;
  readonly claimId: string;
  readonly effectId: string;
  readonly requestId: string;
  /** How long it counts as running without a word from it. */
  readonly leaseMs: number;
  /** It can be run again after a run that was never heard of again, since what it does commits with `effectId`, once. */
  readonly mayTakeOver: boolean;
}

/** An answer as it was sent. A sealed body is the text that the vault made of it. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly isSealed: boolean;
}

/**
 * `claimed`: the caller alone runs the request, to do what `effectId` names. Else `requestId` is the one that has the key:
 * `in_flight` while it runs, `answered` with what it answered, `lost` if it ended without an answer that could be kept.
 * `other_request`: that one asked for something else.
 */
export type ClaimReply =
  | { readonly state: 'claimed'; readonly effectId: string }
  | { readonly state: 'in_flight'; readonly requestId: string }
  | { readonly state: 'other_request'; readonly requestId: string }
  | { readonly state: 'lost'; readonly requestId: string }
  | { readonly state: 'answered'; readonly requestId: string; readonly effectId: string; readonly answer: KeptAnswer };

/** Names a run. What comes in the name of one that another has taken over, or that was forgotten, changes nothing. */
export interface ClaimName {
  readonly keyHash: string;
  readonly claimId: string;
}

/** What an IdempotencyStore offers to the gateway. Failures of the platform throw. */
export interface IdempotencyStoreRpc {
  claim(command: ClaimCommand): Promise<ClaimReply>;
  /** The run goes on, under this name, for another lease. */
  renew(claim: ClaimName, requestId: string, leaseMs: number): Promise<void>;
  /** The run has ended with this answer, which every later request with the key gets. */
  keep(claim: ClaimName, answer: KeptAnswer): Promise<void>;
  /** The run has ended without an answer to keep, and may have done something. */
  lapse(claim: ClaimName): Promise<void>;
  /** The run has done nothing: its key is free. */
  forget(claim: ClaimName): Promise<void>;
}
