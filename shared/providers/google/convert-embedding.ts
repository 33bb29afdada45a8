import type { CallOptions, EmbeddingRequest } from '../contract.ts';

/** The body of `batchEmbedContents`. Only the Gemini API wants the model in each request as well. */
export function convertEmbedding(
  { inputs, dimensions }: EmbeddingRequest,
  { model, credentials }: CallOptions,
): object {
  const isVertex = credentials.accessToken !== undefined;
  return {
    requests: inputs.map((text) => ({
      content: { parts: [{ text }] },
      ...(!isVertex && { model: `models/${model}` }),
      ...(dimensions !== undefined && { outputDimensionality: dimensions }),
    })),
  };
}
