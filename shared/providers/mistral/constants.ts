/**
 * The most of any model: Pixtral scales an image to 1,540 x 1,540 and counts each 14 x 14 patch and the end of each row
 * (12,210); its successors merge patches and count less. https://docs.mistral.ai/capabilities/vision
 */
export const IMAGE_TOKENS = 12_288;

/** A document is read as text and images, up to the largest context window. */
export const FILE_TOKENS = 262_144;

/** "Tool call id must be a-z, A-Z, 0-9, with a length of 9", says Mistral of the ids of other vendors. */
export const TOOL_CALL_ID = /^[a-zA-Z0-9]{9}$/;
