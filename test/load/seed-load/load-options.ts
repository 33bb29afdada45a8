/** What a generated year is made of: the same options, the same rows. */
export interface LoadOptions {
  readonly requests: number;
  readonly tenants: number;
  /** Chooses among the years that could be generated. */
  readonly seed: number;
  /** The first day (UTC, epoch milliseconds) after the year. */
  readonly until: number;
  readonly days: number;
}

export const DAY_MS = 86_400_000;
export const YEAR_DAYS = 365;
