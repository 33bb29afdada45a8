/** Calls of clients that pay for one retry: retries are at most a fifth of them. */
const CALLS_PER_RETRY = 5;

/** Retries that a quiet time can save up for a bad one. */
const MAX_SAVED_RETRIES = 10;

/** A token bucket: what clients' calls have earned and retries have not spent, counted in calls. */
export interface RetryBudget {
  readonly savedCalls: number;
}

/** Nothing is saved yet: the first retry has to be earned. */
export const EMPTY_RETRY_BUDGET: RetryBudget = { savedCalls: 0 };

/** Counts a client's call. From an empty budget on, calls and retries together stay within 1.2 times the calls. */
export function earnRetry({ savedCalls }: RetryBudget): RetryBudget {
  return { savedCalls: Math.min(savedCalls + 1, CALLS_PER_RETRY * MAX_SAVED_RETRIES) };
}

/** The budget after one retry; null when it cannot pay for it, and the failure stands. */
export function spendRetry({ savedCalls }: RetryBudget): RetryBudget | null {
  return savedCalls < CALLS_PER_RETRY ? null : { savedCalls: savedCalls - CALLS_PER_RETRY };
}
