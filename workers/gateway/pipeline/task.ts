import type { ChatInput, CompletionInput, EmbeddingInput } from '../../../shared/contracts/http/chat-input.ts';
import type { OrchestrateOutput, OrchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type {
  CallOptions,
  ChatRequest,
  CompletionRequest,
  EmbeddingRequest,
  GenerateResult,
  ProviderAdapterV1,
  ReportedUsage,
  StreamResult,
  UsageBound,
} from '../../../shared/providers/contract.ts';
import { omitUndefined } from '../../../shared/providers/convert/omit-undefined.ts';
import { DEFAULT_MAX_OUTPUT_TOKENS } from '../constants.ts';
import type { RequestPlan } from './plan-request.ts';

/** What a provider is asked for, in the contract's form. */
export type Task =
  | { readonly kind: 'chat'; readonly request: ChatRequest }
  | { readonly kind: 'completion'; readonly request: CompletionRequest }
  | { readonly kind: 'embedding'; readonly request: EmbeddingRequest };

export interface TaskAnswer {
  readonly output: OrchestrateOutput;
  readonly usage: ReportedUsage;
  readonly warnings: readonly string[];
  /** The vendor's answer as it came, where it was asked in the client's format. */
  readonly nativeText?: string;
}

/** Reads a request's `input` as its `taskType` wants it. A plain text is a prompt, or the one text to embed. */
export function toTask({ taskType, input }: OrchestrateRequest): Result<Task, DomainError> {
  switch (taskType) {
    case 'chat':
      if (typeof input === 'string') return ok(chat({ messages: [{ role: 'user', content: input }] }));
      return 'messages' in input ? ok(chat(input)) : err(wrongForm('messages', taskType));
    case 'completion':
      if (typeof input === 'string') return ok(completion({ prompt: input }));
      return 'prompt' in input ? ok(completion(input)) : err(wrongForm('prompt', taskType));
    case 'embedding':
      if (typeof input === 'string') return ok(embedding({ texts: [input] }));
      return 'texts' in input ? ok(embedding(input)) : err(wrongForm('texts', taskType));
  }
}

/** The most that a task can use. */
export function boundOf(task: Task, adapter: ProviderAdapterV1): UsageBound {
  switch (task.kind) {
    case 'chat':
      return adapter.bound(task.request);
    case 'completion': {
      const { prompt, maxOutputTokens } = task.request;
      return adapter.bound({ messages: [{ role: 'user', content: prompt }], maxOutputTokens });
    }
    case 'embedding': {
      const messages = task.request.inputs.map((content) => ({ role: 'user' as const, content }));
      return { inputTokens: adapter.bound({ messages, maxOutputTokens: 0 }).inputTokens, outputTokens: 0 };
    }
  }
}

/** If a provider has what a task needs. */
export function canServe(task: Task, adapter: ProviderAdapterV1): boolean {
  if (task.kind === 'completion') return adapter.complete !== undefined;
  return task.kind === 'chat' || adapter.embed !== undefined;
}

/** If a provider can stream what a task asks for. */
export function canStream(task: Task, adapter: ProviderAdapterV1): boolean {
  return task.kind === 'chat' || (task.kind === 'completion' && adapter.streamCompletion !== undefined);
}

/** Makes one attempt at a task. */
export async function callTask({ task, adapter, native }: RequestPlan, options: CallOptions): Promise<TaskAnswer> {
  if (native) {
    const { text, result } = await native.calls.generate(native.request, options);
    return { ...toAnswer(task, result), nativeText: text };
  }
  if (task.kind === 'chat') return toAnswer(task, await adapter.generate(task.request, options));
  if (task.kind === 'completion' && adapter.complete) {
    return toAnswer(task, await adapter.complete(task.request, options));
  }
  if (task.kind === 'embedding' && adapter.embed) {
    const { embeddings, usage, warnings } = await adapter.embed(task.request, options);
    return { output: { embeddings: embeddings.map((vector) => [...vector]) }, usage, warnings };
  }
  throw new Error(`${adapter.provider} was planned for a ${task.kind} that it cannot serve`);
}

/** Begins one attempt at a task whose answer is streamed. */
export async function streamTask(
  { task, adapter, continued }: Pick<RequestPlan, 'task' | 'adapter' | 'continued'>,
  options: CallOptions,
): Promise<StreamResult> {
  if (task.kind === 'chat' && continued && adapter.continuation) {
    return await adapter.continuation.stream(task.request, continued.begun, options);
  }
  if (task.kind === 'chat') return await adapter.stream(task.request, options);
  if (task.kind === 'completion' && adapter.streamCompletion) {
    return await adapter.streamCompletion(task.request, options);
  }
  throw new Error(`${adapter.provider} was planned to stream a ${task.kind}, which it cannot`);
}

/** A written answer in the public form. */
export function toAnswer({ kind }: Task, result: GenerateResult): TaskAnswer {
  const { message, finishReason, rawFinishReason, sources, usage, warnings } = result;
  if (kind === 'completion')
    return { output: { text: message.content, finishReason, rawFinishReason }, usage, warnings };
  const { reasoning, toolCalls } = message;
  return {
    output: {
      message: {
        role: 'assistant',
        content: message.content,
        ...(reasoning && { reasoning: [...reasoning] }),
        ...(toolCalls && { toolCalls: [...toolCalls] }),
      },
      finishReason,
      rawFinishReason,
      ...(sources && { sources: [...sources] }),
    },
    usage,
    warnings,
  };
}

function chat({ maxOutputTokens = DEFAULT_MAX_OUTPUT_TOKENS, ...rest }: ChatInput): Task {
  return { kind: 'chat', request: { ...asRequest<ChatRequest>(rest), maxOutputTokens } };
}

function completion({ maxOutputTokens = DEFAULT_MAX_OUTPUT_TOKENS, ...rest }: CompletionInput): Task {
  return { kind: 'completion', request: { ...asRequest<CompletionRequest>(rest), maxOutputTokens } };
}

function embedding({ texts, dimensions }: EmbeddingInput): Task {
  return { kind: 'embedding', request: { inputs: texts, ...omitUndefined({ dimensions }) } };
}

/** Zod writes an absent option as absent, though its type allows undefined: the contract's types are the stricter. */
function asRequest<T extends object>(parsed: object): Omit<T, 'maxOutputTokens'> {
  return parsed as Omit<T, 'maxOutputTokens'>;
}

function wrongForm(field: string, taskType: string): DomainError {
  const detail = `taskType "${taskType}" takes a text, or an object with "${field}".`;
  return { code: 'bad_request', detail, errors: [{ pointer: '/input', detail }] };
}
