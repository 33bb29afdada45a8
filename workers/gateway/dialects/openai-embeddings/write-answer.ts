import type { CreateEmbeddingResponse, Embedding } from 'openai/resources/embeddings';
import type { OpenAiEmbeddingList } from '../../../../shared/contracts/http/openai/embeddings.ts';
import type { OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';
import { encodeVector } from './encode-vector.ts';
import type { EncodingFormat } from './read-request.ts';

/** As OpenAI documents it, but for vectors as text, and usage that is not known. */
type EmbeddingList = Omit<CreateEmbeddingResponse, 'data' | 'usage'> &
  Partial<Pick<CreateEmbeddingResponse, 'usage'>> & {
    data: (Omit<Embedding, 'embedding'> & { embedding: number[] | string })[];
  };

/**
 * Vectors as OpenAI writes them (https://platform.openai.com/docs/api-reference/embeddings/create). Usage is absent where
 * it is not known. Throws where there are no vectors: no request to embed ends in another answer.
 */
export function writeAnswer(response: OrchestrateResponse, encodingFormat: EncodingFormat): OpenAiEmbeddingList {
  const { output, model, usage } = response;
  if (!output || !('embeddings' in output)) throw new TypeError('the answer has no vectors');
  const tokens = usage?.inputTokens;
  return {
    object: 'list',
    data: output.embeddings.map((vector, index) => ({
      object: 'embedding' as const,
      index,
      embedding: encodingFormat === 'base64' ? encodeVector(vector) : vector,
    })),
    model,
    ...(tokens !== undefined && { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
  } satisfies EmbeddingList;
}
