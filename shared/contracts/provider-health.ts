/**
 * A circuit breaker. `closed`: calls go through. `open`: none does until `until`. `probing`: one has gone out since, and the
 * next one may go when it is not heard of for as long as a pause. Times are epoch milliseconds.
 */
export type Circuit =
  | { readonly state: 'closed'; readonly failures: number }
  | { readonly state: 'open'; readonly until: number }
  | { readonly state: 'probing'; readonly since: number };

/** A candidate's circuit; the name tells the tenant's candidates apart. */
export interface NamedCircuit {
  readonly name: string;
  readonly circuit: Circuit;
}

/** How calls of one candidate ended since that was last told: in an answer or not, and then in so many failures in a row. */
export interface CallsEnded {
  readonly name: string;
  readonly isAnswered: boolean;
  readonly failures: number;
  /** The longest pause that the vendor asked for in them; 0: none. */
  readonly retryAfterMs: number;
}

/** How a candidate did lately. Null: too little is known to tell. */
export interface Performance {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** Of 1. */
  readonly errorRate: number | null;
}

/** How long calls of one candidate took until their answers, in their order; null for one that failed. */
export interface CallsMade {
  readonly name: string;
  readonly latencies: readonly (number | null)[];
}

/** What an isolate tells of its tenant's candidates with a call that it makes anyway. */
export interface HealthTold {
  /** What it heard last; 0: nothing. */
  readonly knownVersion: number;
  readonly ended?: readonly CallsEnded[];
  /** What it knows, for a gate that has forgotten it. */
  readonly circuits?: readonly NamedCircuit[];
  /** Candidates that it would probe. */
  readonly wishes?: readonly string[];
  /** What it heard last of how candidates do; 0: nothing. Absent from an isolate of an earlier release. */
  readonly knownPerformance?: number;
  readonly made?: readonly CallsMade[];
}

/** What the gate knows of them. An answer of an earlier release has none: then each isolate goes by what it sees itself. */
export interface HealthNews {
  /** Tells one memory of the gate from another. */
  readonly memory: number;
  readonly version: number;
  /** All that are not as good as new, when that is news. */
  readonly circuits?: readonly NamedCircuit[];
  /** Who may be probed by the one that asked, once each, and since when. */
  readonly probes?: readonly { readonly name: string; readonly since: number }[];
  /** How those candidates do of whom there is news. */
  readonly performance?: {
    readonly version: number;
    readonly candidates: readonly (Performance & { readonly name: string })[];
  };
}

/** What somebody knows of a tenant's candidates, for calls to its gate to carry. */
export interface HealthExchange {
  /** All that there is to tell. It is told once: a call that carries it is made until it is answered. */
  tell(): HealthTold;
  /** Only what the gate is to know before a request begins: nothing that may be told once. */
  ask(): HealthTold;
  /** The gate has answered; one of an earlier release, or that was told nothing, without news. */
  hear(news: HealthNews | undefined, now: number): void;
}
