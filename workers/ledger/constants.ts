/** Pause before a message that failed for a reason of its own is tried again; the queue's `max_retries` bounds it. */
export const RETRY_DELAY_SECONDS = 2;

/** Pause before a dead letter that could not be recorded is tried again. */
export const DEAD_LETTER_RETRY_DELAY_SECONDS = 60;

/** For how long an isolate keeps a signing secret that it has opened, and how many of them. */
export const SECRET_KEPT_MS = 60_000;
export const OPENED_SECRETS = 1_000;
