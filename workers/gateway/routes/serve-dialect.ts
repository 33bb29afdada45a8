import type { ChatInput, CompletionInput } from '../../../shared/contracts/http/chat-input.ts';
import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import type { Result } from '../../../shared/errors/result.ts';
import type { AppContext } from '../app-context.ts';
import type { ReadRequest } from '../dialects/dialect.ts';
import { errorResponse } from '../error-response.ts';
import type { StreamEncoder } from '../pipeline/stream-encoder.ts';
import type { UntypedResponse } from '../untyped-response.ts';
import { answerStream, answerWhole } from './answer-dialect.ts';
import { readDialectInput } from './read-dialect-input.ts';

/** A request for a text, which can be streamed. */
type TextRequest = ReadRequest<ChatInput | CompletionInput> & { readonly stream: boolean };

/** What a request asks for, and how its answer is written. */
interface Speech<Read extends TextRequest> {
  /** The body as the route's schema left it. */
  readonly body: unknown;
  readonly taskType: 'chat' | 'completion';
  encoderFor(read: Read): StreamEncoder;
  /** `startedAt` is epoch milliseconds. */
  write(response: OrchestrateResponse, startedAt: number, read: Read): object;
}

/** Serves a request in the words of another API: at once, or as a stream where it asks for one. */
export async function serveDialect<Read extends TextRequest>(
  context: AppContext,
  read: Result<Read, DomainError>,
  { body, taskType, encoderFor, write }: Speech<NoInfer<Read>>,
): Promise<UntypedResponse> {
  if (!read.ok) return errorResponse(context, read.error);
  const { stream } = read.value;
  const input = await readDialectInput(context, read.value, { taskType, stream, parsed: body });
  if (!input.ok) return errorResponse(context, input.error);
  if (stream) return await answerStream(context, input.value, encoderFor(read.value));
  return await answerWhole(context, input.value, (response) => write(response, input.value.startedAt, read.value));
}
