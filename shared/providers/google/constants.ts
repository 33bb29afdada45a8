/** The public endpoint of the Gemini API. */
export const BASE_URL = 'https://generativelanguage.googleapis.com/v1beta';

/**
 * A large image is cut into tiles of 258 tokens; 64 of them are some 37 megapixels. From Gemini 3 on an image is at most
 * 2,240 tokens. https://ai.google.dev/gemini-api/docs/tokens#multimodal-tokens
 */
export const MAX_IMAGE_TOKENS = 64 * 258;

/** A document, recording or film has as many tokens as it is long, but no model reads more than its context window. */
export const MAX_FILE_TOKENS = 1_048_576;

/** Budgets of models before Gemini 3, as https://ai.google.dev/gemini-api/docs/openai#thinking maps efforts to them. */
export const THINKING_BUDGETS = { none: 0, low: 1_024, medium: 8_192, high: 24_576 } as const;

/** Stands for the signature of a call that Gemini did not make. https://ai.google.dev/gemini-api/docs/thought-signatures#faqs */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

/** A vector has at most 3,072 numbers of some twenty characters, and a batch at most 100 of them. */
export const MAX_EMBEDDINGS_BYTES = 16 * 1024 * 1024;

/**
 * What `providerOptions` may not set, as `mergeProviderOptions` names it: the request's own fields, and what would take
 * its cost out of its bound (several answers, dearer processing).
 */
export const RESERVED_OPTIONS: readonly string[] = [
  ...['model', 'contents', 'servicetier'],
  ...['generationconfig.maxoutputtokens', 'generationconfig.candidatecount'],
  ...['generationconfig.responsemodalities', 'generationconfig.responselogprobs', 'generationconfig.logprobs'],
];
