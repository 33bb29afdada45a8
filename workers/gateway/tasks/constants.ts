/** Longest text of an input that a task's record repeats; of a longer one it tells the length. */
export const SHOWN_INPUT_LENGTH = 4_096;

/** Tries at handing tasks to their runner, which takes each once, and pauses between them. */
export const ACCEPT_ATTEMPTS = 3;
export const ACCEPT_RETRY_BASE_MS = 50;
export const ACCEPT_RETRY_CAP_MS = 500;

/** When to come again where too many tasks wait. */
export const FULL_RETRY_MS = 5_000;

/** How long one look at a followed task waits in its runner for something new. */
export const FOLLOW_WAIT_MS = 30_000;

/**
 * How often it is looked whether who follows a task still may, and how old what is known of that may be then: together
 * less than the five seconds within which a right that was taken away ends a stream.
 */
export const FOLLOWER_LOOK_MS = 2_500;
export const FOLLOWER_MAX_AGE_MS = 1_000;

/** How long a task is followed over one connection. Its client comes again, and goes on behind the last event's id. */
export const FOLLOW_LIFETIME_MS = 600_000;

/** Tries at a runner that is away, as while it moves, and pauses between them. */
export const FOLLOW_ATTEMPTS = 6;
export const FOLLOW_RETRY_BASE_MS = 50;
export const FOLLOW_RETRY_CAP_MS = 2_000;
