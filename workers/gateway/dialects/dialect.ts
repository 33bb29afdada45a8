import type { ChatInput, CompletionInput, EmbeddingInput } from '../../../shared/contracts/http/chat-input.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import type { SpokenRequest } from '../pipeline/pipeline-input.ts';

/** A request in the words of another API, read into the platform's own. */
export interface ReadRequest<Input extends ChatInput | CompletionInput | EmbeddingInput> extends SpokenRequest {
  /** As the client named it: a model, `provider/model`, or a routing policy. */
  readonly model: string;
  readonly input: Input;
}

/** APIs that the gateway imitates. */
export type Dialect = 'openai' | 'anthropic';

/** An error in the shape of another API: its client throws the class that belongs to it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: object;
  /** `application/json` where absent. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Writes an error as an API does. */
export type WriteError = (error: DomainError, requestId: string) => ErrorAnswer;
