import type { EmbeddingInput } from '../../../../shared/contracts/http/chat-input.ts';
import type { OpenAiEmbeddingRequest } from '../../../../shared/contracts/http/openai/embeddings.ts';
import type { DomainError, FieldError } from '../../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../../shared/errors/result.ts';
import { ignored } from '../../../../shared/providers/convert/warn-unsupported.ts';
import type { ReadRequest } from '../dialect.ts';
import { refuseFields } from '../refuse-fields.ts';

/** Most texts of one request, as in the platform's own form. */
const MAX_TEXTS = 512;

/** How a vector is written: as numbers, or as the base64 of its bytes. */
export type EncodingFormat = NonNullable<OpenAiEmbeddingRequest['encoding_format']>;

/** Texts to embed, and how their vectors are to be written. */
export interface ReadEmbedding extends ReadRequest<EmbeddingInput> {
  readonly encodingFormat: EncodingFormat;
}

/** Reads the body of `POST /v1/embeddings`. Refuses tokens, empty texts, and more texts than a request may have. */
export function readRequest(body: OpenAiEmbeddingRequest): Result<ReadEmbedding, DomainError> {
  const { model, input, encoding_format, dimensions, user } = body;
  const items = typeof input === 'string' ? [input] : input;
  const texts = items.filter((item) => typeof item === 'string');
  const fault = texts.length < items.length ? TOKENS : findFault(texts, typeof input === 'string');
  if (fault) return err(refuseFields([fault]));
  return ok({
    model,
    input: { texts, ...(dimensions != null && { dimensions }) },
    unsaid: [],
    warnings: user ? [ignored('user')] : [],
    encodingFormat: encoding_format ?? 'float',
  });
}

const TOKENS: FieldError = { pointer: '/input', detail: 'must be text: tokens are not offered' };

function findFault(texts: readonly string[], isOne: boolean): FieldError | null {
  if (texts.length > MAX_TEXTS) return { pointer: '/input', detail: `must be at most ${MAX_TEXTS} texts` };
  const empty = texts.indexOf('');
  if (texts.length > 0 && empty === -1) return null;
  return { pointer: isOne || empty === -1 ? '/input' : `/input/${empty}`, detail: 'must not be empty' };
}
