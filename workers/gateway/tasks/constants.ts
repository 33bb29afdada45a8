/** Longest text of an input that a task's record repeats; of a longer one it tells the length. */
export const SHOWN_INPUT_LENGTH = 4_096;

/** Tries at handing tasks to their runner, which takes each once, and pauses between them. */
export const ACCEPT_ATTEMPTS = 3;
export const ACCEPT_RETRY_BASE_MS = 50;
export const ACCEPT_RETRY_CAP_MS = 500;

/** When to come again where too many tasks wait. */
export const FULL_RETRY_MS = 5_000;
