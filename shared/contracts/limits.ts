/** Where a limit comes from. */
export type LimitKind = 'rate_limit' | 'quota' | 'budget';

/** What is counted: money in pico-USD, requests, tokens, or requests that run at the same time. */
export type LimitUnit = 'picoUsd' | 'requests' | 'tokens' | 'concurrent';

/** Which requests a limit counts. An absent field matches all. */
export interface LimitScope {
  readonly environmentId?: string | undefined;
  readonly apiKeyId?: string | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
}

/** One limit as it stands. Amounts are in its unit; `spent`, `held` and `leased` never pass an enforced `cap` together. */
export interface LimitStatus {
  /** `<rule>:<unit>`. */
  readonly limitId: string;
  readonly kind: LimitKind;
  readonly ruleId: string;
  readonly name: string;
  readonly unit: LimitUnit;
  readonly scope: LimitScope;
  readonly cap: bigint;
  readonly spent: bigint;
  /** Set aside for requests that run. */
  readonly held: bigint;
  /** Set aside for requests that may come, by the isolates that serve the tenant. */
  readonly leased: bigint;
  readonly remaining: bigint;
  /** False: only counted and told of; never a reason to refuse. */
  readonly isEnforced: boolean;
  /** Epoch milliseconds; null where there are no periods. */
  readonly periodStart: number | null;
  readonly resetsAt: number | null;
  /** Percent of a budget's cap. */
  readonly thresholdsReached: readonly number[];
}
