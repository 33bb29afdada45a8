/**
 * Calls that one runner makes at once: so many connections of one object may wait for their answer's beginning, more would
 * queue in the runtime with their holds running. https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
 */
export const MOST_CALLS = 6;

/** Tasks of one runner that have not ended; more are refused. */
export const MOST_UNFINISHED = 10_000;

/** How often running attempts are heard of. */
export const HEARTBEAT_MS = 5_000;

/** After how long a due task that nobody began is hinted at again. */
export const HINT_AGAIN_MS = 5_000;

/** Tasks that one hint names, and that one alarm looks at. */
export const HINTED_TASKS = 100;
export const ALARM_TASKS = 500;

/** How long a task that has ended is kept with its request and its result. */
export const RETENTION_MS = 30 * 86_400_000;

/** Pause before events are handed on, so that those close together go together; and after a failure. */
export const OUTBOX_DELAY_MS = 250;
export const OUTBOX_RETRY_MS = 5_000;

/** Characters of events that are handed on in one call. */
export const OUTBOX_CALL_LENGTH = 1_000_000;

/** Characters of one row of a long text: a row may have 2 MB, and a character three bytes. */
export const TEXT_PART_LENGTH = 500_000;

/** Longest time that somebody may wait for a task's end in one call. */
export const MOST_WAIT_MS = 60_000;

/**
 * Least pause between two times that pieces of one call's output are written down, unless so many characters wait: a model
 * that writes a hundred pieces a second is ten commits.
 */
export const PIECES_PAUSE_MS = 100;
export const MOST_WAITING_PIECES_LENGTH = 64 * 1024;

/** Characters of events from which on one answer to a follower takes no more. */
export const FOLLOW_LENGTH = 256 * 1024;
