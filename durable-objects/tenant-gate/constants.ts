/** How long a hold lives without a sign of life from its isolate. Its isolate renews it three times in that time. */
export const HOLD_TTL_MS = 9_000;

/** How long an expired hold waits for a late settlement that corrects its estimate. */
export const LATE_SETTLEMENT_MS = 3_600_000;

/** Pause before the outbox drains, so that settlements close together share a message. */
export const OUTBOX_DELAY_MS = 50;

/** Most rows that one drain looks at; what is left drains in the next alarm. */
export const OUTBOX_DRAIN_ROWS = 200;

/**
 * Bytes of events in one queue message, and in all messages of one sending: a message may have 128 KB and a batch of
 * them 256 KB (https://developers.cloudflare.com/queues/platform/limits/), and each row has a frame of its own.
 */
export const OUTBOX_MESSAGE_BYTES = 96 * 1024;
export const OUTBOX_DRAIN_BYTES = 192 * 1024;

/** First pause before an unconfirmed row is sent again; doubles with every attempt up to the longest. */
export const RESEND_AFTER_MS = 5_000;
export const RESEND_AFTER_MAX_MS = 15_000;
