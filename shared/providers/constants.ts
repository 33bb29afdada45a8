/** A chat answer is text of at most some hundred thousand tokens; anything larger is not one. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Vendors explain an error in a few hundred bytes; error pages of proxies are not worth more. */
export const MAX_ERROR_BODY_BYTES = 64 * 1024;

/** Enough for any sentence, too short to hand a prompt back. */
export const MAX_VENDOR_MESSAGE_CHARS = 1_000;

/** Role markers around one message; the chat formats in use spend 3 to 7 tokens on them. */
export const MESSAGE_OVERHEAD_TOKENS = 16;

/** Start of text, the cue for the answer, and the like, once a request. */
export const REQUEST_OVERHEAD_TOKENS = 64;

/** The instructions that a vendor adds for tools or a schema; the largest on record are Anthropic's, some 800 tokens. */
export const TOOLS_OVERHEAD_TOKENS = 1_024;

/** One event of a stream carries a few tokens; the largest on record, an image or a whole answer, is some megabytes. */
export const MAX_EVENT_LENGTH = 8 * 1024 * 1024;

/** An answer's some hundred thousand tokens, at a few hundred bytes of event around each. */
export const MAX_STREAM_BYTES = 64 * 1024 * 1024;
