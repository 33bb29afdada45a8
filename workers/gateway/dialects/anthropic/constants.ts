/** Budgets from which thinking counts as medium, and as high effort. */
export const MEDIUM_BUDGET_TOKENS = 4_096;
export const HIGH_BUDGET_TOKENS = 16_384;

/** Most stop sequences that the platform's form has. */
export const MAX_STOP_SEQUENCES = 4;
