/** How long events stay in the window, and how many do however old they are. */
export const WINDOW_MS = 3_600_000;
export const WINDOW_EVENTS = 10_000;

/** Most bytes of a window, of the ten gigabytes that an object may store: beyond it the oldest leave before their time. */
export const WINDOW_BYTES = 4_000_000_000;

/** Characters up to which a row of the window takes more events, and for how long. */
export const WINDOW_ROW_LENGTH = 32 * 1024;
export const WINDOW_ROW_MS = 10_000;

/** How often what is too old leaves. */
export const EXPIRE_MS = 600_000;

/** Bytes of one message, unless a single event is longer. */
export const FRAME_BYTES = 64 * 1024;

/** After how many bytes a reader is asked to acknowledge, and how many such questions may be open. */
export const ASK_BYTES = 128 * 1024;
export const MOST_ASKED = 4;

/** How long a reader may owe an acknowledgement that what is next waits for; and one that never sent any. */
export const STALL_MS = 60_000;
export const SILENT_MS = 5_000;

/** How often connections are looked through, while there are any. */
export const LOOK_MS = 300_000;

/** Readers that are written to at once, and the pause after them: what they are sent is in memory until it is on its way. */
export const AT_ONCE = 200;
export const PAUSE_MS = 20;

/** Pause before a configuration that could not be asked for is asked for again; so often, and then connections are ended. */
export const RECHECK_MS = 1_000;
export const RECHECKS = 3;
