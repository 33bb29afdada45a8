/** Readers that one hub holds before others are sent to a shard. */
export const MOST_IN_ONE_HUB = 5_000;

/** How often it is looked whether a person may still read: with what is cached, a revocation ends in five seconds. */
export const ACCESS_LOOK_MS = 3_000;

/** How often it is looked whether a stream is idle. */
export const IDLE_LOOK_MS = 60_000;

/** Tries at a hub that was lost, and the pauses between them. */
export const HUB_ATTEMPTS = 6;
export const HUB_RETRY_BASE_MS = 50;
export const HUB_RETRY_CAP_MS = 2_000;

/** After how long a client of EventSource comes back. */
export const RECONNECT_MS = 1_000;
