/** Budgets from which thinking counts as medium, and as high effort. */
export const MEDIUM_BUDGET_TOKENS = 4_096;
export const HIGH_BUDGET_TOKENS = 16_384;

/** Most stop sequences that the platform's form has. */
export const MAX_STOP_SEQUENCES = 4;

/** What a picture of about a megapixel counts as. https://platform.claude.com/docs/en/build-with-claude/vision */
export const ESTIMATED_IMAGE_TOKENS = 1_600;

/**
 * What a file that is no text counts as: three pages of a PDF, of which each is up to 3,000 tokens. How many it really
 * has is not looked at. https://platform.claude.com/docs/en/build-with-claude/pdf-support#estimate-your-costs
 */
export const ESTIMATED_FILE_TOKENS = 9_000;

/** What frames one message. */
export const ESTIMATED_MESSAGE_TOKENS = 4;
