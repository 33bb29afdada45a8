/** Pause before the outbox drains, so that settlements close together share a message. */
export const OUTBOX_DELAY_MS = 500;

/**
 * Bytes of events in one outbox row, in one queue message, and in all messages of one sending: a message may have 128 KB
 * and a batch of them 256 KB (https://developers.cloudflare.com/queues/platform/limits/). Rows are a fraction of a message,
 * so that they fill it. Then bytes that one drain sends.
 */
export const OUTBOX_ROW_BYTES = 31 * 1024;
export const OUTBOX_MESSAGE_BYTES = 96 * 1024;
export const OUTBOX_SENDING_BYTES = 192 * 1024;
export const OUTBOX_DRAIN_BYTES = 2 * 1024 * 1024;

/** First pause before an unconfirmed row is sent again; doubles with every attempt up to the longest. */
export const RESEND_AFTER_MS = 5_000;
export const RESEND_AFTER_MAX_MS = 15_000;

/** Requests a second from which on one more object is worth its while. */
export const SHARD_REQUESTS_PER_SECOND = 2_000;

/** How long a tenant that has cooled down keeps its objects. */
export const SHARDS_KEPT_MS = 60_000;

/** How old a shard's configuration may be: with what isolates add, a revoked key stops within five seconds. */
export const ROOT_FRESH_MS = 2_000;

/** How often a shard renews its lease, and gives back what nobody needed. */
export const ROOT_RENEWAL_MS = 2_500;

/** How often a shard decides on a hold that its root has room for. */
export const HOLD_ATTEMPTS = 3;

/** For how long a shard quotes the root's numbers in its refusals. */
export const ROOT_STATUS_MS = 250;

/** Characters of one row of events, and of one call to the hub. */
export const EVENT_ROW_LENGTH = 64 * 1024;
export const EVENT_CALL_LENGTH = 1024 * 1024;

/** Least pause between two calls to the hub while somebody reads; how long events gather while nobody does; after a failure. */
export const EVENTS_PAUSE_MS = 50;
export const UNWATCHED_EVENTS_PAUSE_MS = 1_000;
export const EVENTS_RETRY_MS = 1_000;
