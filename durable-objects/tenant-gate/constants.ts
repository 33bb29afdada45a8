/** How long a hold lives without a sign of life from its isolate. Its isolate renews it three times in that time. */
export const HOLD_TTL_MS = 9_000;

/** How long an expired hold waits for a late settlement that corrects its estimate. */
export const LATE_SETTLEMENT_MS = 3_600_000;

/** Pause before the outbox drains, so that settlements close together share a message. */
export const OUTBOX_DELAY_MS = 50;

/** Rows in one queue message: well below the 128 KB that a message may have, since metadata is bounded. */
export const OUTBOX_BATCH_ROWS = 20;

/** Messages in one drain; what is left drains in the next alarm. */
export const OUTBOX_MESSAGES_PER_DRAIN = 10;

/** First pause before an unconfirmed row is sent again; doubles with every attempt up to the longest. */
export const RESEND_AFTER_MS = 5_000;
export const RESEND_AFTER_MAX_MS = 15_000;
