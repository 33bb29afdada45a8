/** Which answer is meant. Hashes say nothing of what was asked. */
export interface AnswerName {
  /** Of the whole request. */
  readonly keyHash: string;
  /** Of all of the request that must be equal where its question need only be alike. */
  readonly familyHash: string;
}

/** An answer that is stored, as the text that was given. Times are epoch milliseconds. */
export interface StoredText {
  readonly answer: string;
  readonly storedAt: number;
}

export interface FindCommand extends AnswerName {
  /** Names the request that asks, and makes the answer if there is none. */
  readonly makerId: string;
  /** How long it may take to make it: then somebody else may. */
  readonly makeMs: number;
  /** How long the request waits for another one that makes the answer. */
  readonly waitMs: number;
  /** An answer that is stored is not wanted: a new one is made. */
  readonly isRefresh: boolean;
}

/**
 * `stored`: there is an answer; `isJoined`: another request made it while this one waited. `make`: the request is to make
 * it, and all others wait for it. `call`: somebody makes it and takes too long; nobody waits for this request.
 */
export type FindReply =
  | ({ readonly state: 'stored'; readonly isJoined: boolean } & StoredText)
  | { readonly state: 'make' | 'call' };

export interface FindAlikeCommand {
  readonly familyHash: string;
  /** Little-endian 32-bit floats, of length 1. */
  readonly vector: Uint8Array;
  /** Least cosine similarity, up to 1. */
  readonly threshold: number;
}

export interface KeepCommand extends AnswerName {
  readonly makerId: string;
  readonly answer: string;
  readonly ttlMs: number;
  /** What its question means; absent: it is found by the same question only. */
  readonly vector?: Uint8Array;
}

/** The methods of ResponseCache that other scripts call. */
export interface ResponseCacheRpc {
  find(command: FindCommand): Promise<FindReply>;
  /** The stored answer of the family whose question is most alike; null where none is alike enough. */
  findAlike(command: FindAlikeCommand): Promise<(StoredText & { readonly similarity: number }) | null>;
  keep(command: KeepCommand): Promise<void>;
  /** The request makes no answer to keep: one of those who wait makes it. */
  release(command: { readonly keyHash: string; readonly makerId: string }): Promise<void>;
  /** Everything leaves. */
  purge(): Promise<void>;
}
