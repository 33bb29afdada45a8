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
