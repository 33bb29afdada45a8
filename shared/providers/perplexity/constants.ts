/**
 * The most that one image or file can count as. An image counts as its pixels / 750 and a document as its text, neither
 * with a limit of its own but the largest context window, that of sonar-pro. https://docs.perplexity.ai/models
 */
export const MEDIA_TOKENS = 200_000;

/**
 * Sonar searches once. `sonar-deep-research` searches as it likes and bills each: 18 to 30 times in Perplexity's own
 * examples, with no limit that a request could set, so nothing enforces this one.
 */
export const MAX_SEARCHES = 100;
