/** Pause before a message that failed for a reason of its own is tried again; the queue's `max_retries` bounds it. */
export const RETRY_DELAY_SECONDS = 2;

/** Pause before a dead letter that could not be recorded is tried again. */
export const DEAD_LETTER_RETRY_DELAY_SECONDS = 60;
