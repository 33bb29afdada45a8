/** The public endpoint. */
export const BASE_URL = 'https://api.anthropic.com/v1';

/** The API's version, as the installed SDK sends it. */
export const API_VERSION = '2026-10-21';

/**
 * Tools of the client that are a beta feature, and how it is asked for; later ones need no asking. See
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/computer-use-tool
 */
export const BETA_OF_TOOL: Readonly<Record<string, string>> = {
  computer_20250124: 'computer-use-2025-01-24',
  computer_20251124: 'computer-use-2025-11-24',
};

/**
 * An image is scaled down to at most 3.75 megapixels, and 750 pixels are a token, see
 * https://platform.claude.com/docs/en/build-with-claude/vision#evaluate-image-size
 */
export const MAX_IMAGE_TOKENS = 5_000;

/** A PDF is as many pages of text and pictures as it likes, but no model reads more than its context window. */
export const MAX_DOCUMENT_TOKENS = 1_000_000;

/** Budgets of models that take one instead of an effort. The smallest that the API accepts is 1,024. */
export const THINKING_BUDGETS = { low: 1_024, medium: 4_096, high: 16_384 } as const;

/** Marks the signature of a thought that came encrypted as a whole, so that it goes back as one. */
export const REDACTED_PREFIX = 'redacted_thinking:';

/**
 * What `providerOptions` may not set, as `mergeProviderOptions` names it: the request's own fields, and what would take
 * its cost out of its bound (dearer processing, other models).
 */
export const RESERVED_OPTIONS = [
  ...['model', 'messages', 'maxtokens', 'stream'],
  ...['fallbacks', 'inferencegeo', 'servicetier', 'speed'],
] as const;

/** What the id of a tool call must be. https://platform.claude.com/docs/en/api/messages/create */
export const TOOL_CALL_ID = /^[a-zA-Z0-9_-]+$/;
