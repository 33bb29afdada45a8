import type { ChatInput, CompletionInput } from '../../../../shared/contracts/http/chat-input.ts';
import type { OpenAiCompletionRequest } from '../../../../shared/contracts/http/openai/completions.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../../shared/errors/result.ts';
import type { ReadRequest } from '../dialect.ts';
import { Notes } from '../notes.ts';
import { readSampling } from '../openai-chat/read-sampling.ts';
import { refuseFields } from '../refuse-fields.ts';

/** A completion, and how its answer is to be written. */
export interface ReadCompletion extends ReadRequest<CompletionInput> {
  readonly stream: boolean;
  /** If a stream ends with a chunk of the usage. */
  readonly includeUsage: boolean;
}

/** Reads the body of `POST /v1/completions`. Refuses a prompt that is not one text: tokens, several, or none. */
export function readRequest(body: OpenAiCompletionRequest): Result<ReadCompletion, DomainError> {
  const prompt = readPrompt(body.prompt);
  if (!prompt.ok) return prompt;
  const notes = new Notes();
  const sampling = readSampling(body, body.max_tokens, 'max_tokens', notes);
  return ok({
    model: body.model,
    input: { prompt: prompt.value, ...sampling },
    unsaid: [],
    warnings: [...notes.warnings],
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
  });
}

/** The same for a model that only chats: the prompt is what the user says. */
export function asChat({ prompt, ...options }: CompletionInput): ChatInput {
  return { messages: [{ role: 'user', content: prompt }], ...options };
}

function readPrompt(prompt: OpenAiCompletionRequest['prompt']): Result<string, DomainError> {
  const [first, ...others] = typeof prompt === 'string' ? [prompt] : prompt;
  if (first === undefined || first === '') return refuse('must not be empty');
  if (typeof first !== 'string') return refuse('must be a text: tokens are not offered');
  return others.length > 0 ? refuse('must be one text: several prompts are not offered') : ok(first);
}

function refuse(detail: string): Result<never, DomainError> {
  return err(refuseFields([{ pointer: '/prompt', detail }]));
}
