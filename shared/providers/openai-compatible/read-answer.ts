import type * as z from 'zod';
import type { EmbedResult, GenerateResult, ToolCall } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { reportUsage } from '../convert/report-usage.ts';
import { ProviderError } from '../provider-error.ts';
import { convertUsage } from './convert-usage.ts';
import { mapFinishReason } from './map-finish-reason.ts';
import { readAnnotations, readParts } from './read-content.ts';
import type { ChatCompletionAnswer, embeddingList, textCompletion } from './schemas.ts';
import type { EmbeddingsShape, OpenaiVendor } from './vendor.ts';

/** What is not in the answer itself. */
interface AnswerContext {
  readonly warnings: readonly string[];
  readonly generateId: () => string;
}

/** The result that the body of `POST /chat/completions` stands for. */
export function readChatCompletion(
  vendor: OpenaiVendor,
  answer: ChatCompletionAnswer,
  { warnings, generateId }: AnswerContext,
): GenerateResult {
  const [{ message, finish_reason: reason }] = answer.choices;
  const parts = Array.isArray(message.content) ? readParts(message.content) : undefined;
  const text = parts?.text ?? message.content;
  const thought = parts?.reasoning || message.reasoning_content || message.reasoning;
  const toolCalls = message.tool_calls?.map(
    ({ id, function: called }): ToolCall => ({ id: id || generateId(), ...called }),
  );
  const sources = [...(vendor.readSources?.(answer, 0) ?? []), ...readAnnotations(message.annotations)];
  return {
    message: {
      role: 'assistant',
      content: `${text ?? ''}${message.refusal ?? ''}`,
      ...omitUndefined({
        reasoning: thought ? [{ type: 'reasoning' as const, text: thought }] : undefined,
        toolCalls: toolCalls?.length ? toolCalls : undefined,
      }),
    },
    finishReason: mapFinishReason(reason, { isRefused: !!message.refusal, hasCalls: !!toolCalls?.length }),
    rawFinishReason: reason ?? null,
    usage: reportUsage(answer.usage, vendor.convertUsage ?? convertUsage),
    responseModel: answer.model ?? null,
    ...omitUndefined({ sources: sources.length > 0 ? sources : undefined }),
    warnings,
  };
}

/** The result that the body of `POST /completions` stands for. */
export function readTextCompletion(answer: z.infer<typeof textCompletion>): GenerateResult {
  const [{ text, finish_reason: reason }] = answer.choices;
  return {
    message: { role: 'assistant', content: text },
    finishReason: mapFinishReason(reason, { isRefused: false, hasCalls: false }),
    rawFinishReason: reason ?? null,
    usage: reportUsage(answer.usage, convertUsage),
    responseModel: answer.model ?? null,
    warnings: [],
  };
}

/** The vectors of `POST /embeddings` in the order of the `count` inputs. Throws unless there is one for each. */
export function readEmbeddings(
  { provider }: OpenaiVendor,
  { decode }: EmbeddingsShape,
  answer: z.infer<typeof embeddingList>,
  count: number,
): EmbedResult {
  const vectors = new Map(
    answer.data.map(({ index, embedding }) => [index, typeof embedding === 'string' ? decode?.(embedding) : embedding]),
  );
  const embeddings = Array.from({ length: count }, (_, index) => {
    const vector = vectors.get(index);
    if (vector) return vector;
    throw ProviderError.of('bad-response', `${provider} answered no vector for an input`, { billing: 'maybe-billed' });
  });
  const usage = reportUsage(answer.usage, convertUsage);
  return { embeddings, usage, responseModel: answer.model ?? null, warnings: [] };
}
