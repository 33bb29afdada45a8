/**
 * The most that any model counts for an image: gpt-4o-mini's 2,833 and 5,667 for each of at most 8 tiles. Models that
 * count patches stay below 10,000. https://developers.openai.com/api/docs/guides/images-vision#calculating-costs
 */
export const IMAGE_TOKENS = 48_169;

/**
 * A document counts as its text and an image of each page, without a limit of its own but the largest context window.
 * https://developers.openai.com/api/docs/guides/pdf-files
 */
export const FILE_TOKENS = 1_050_000;

/** "Expected a string with maximum length 40", says OpenAI of longer ids of tool calls, such as vLLM's. */
export const TOOL_CALL_ID = /^.{1,40}$/s;
