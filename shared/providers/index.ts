/**
 * `@eufm/providers`: every model vendor behind one versioned contract. This is what the package exports; the project
 * itself imports the modules, not this file. Gives one attempt at a time, the most that it can use, and from a
 * caller's prices what it cost: retries, budgets and the choice of a provider are the caller's.
 */
export { PROVIDERS } from '../contracts/names.ts';
export type { PriceComponent } from '../contracts/tenant-snapshot.ts';
export { costOf, maxCostOf } from '../domain/pricing/cost.ts';
export { anthropicAdapter } from './anthropic/adapter.ts';
export type {
  AssistantMessage,
  ByteReader,
  CallOptions,
  ChatMessage,
  ChatRequest,
  CompletionRequest,
  EmbeddingRequest,
  EmbedResult,
  EventGroup,
  FilePart,
  FinishReason,
  GenerateResult,
  ImagePart,
  JsonSchema,
  JsonValue,
  MediaSource,
  NativeCalls,
  NativeRequest,
  NativeResult,
  NativeStream,
  PartStream,
  ProviderAdapterV1,
  ProviderName,
  RateLimitHints,
  RateLimitWindow,
  ReasoningPart,
  ReportedUsage,
  ResponseFormat,
  ServerSentEvent,
  Source,
  StreamPart,
  StreamResult,
  TextPart,
  Tool,
  ToolCall,
  ToolChoice,
  Usage,
  UsageBound,
  WireFormat,
} from './contract.ts';
export { DEFAULT_COMPLETION_MODEL, DEFAULT_EMBEDDING_MODELS, DEFAULT_MODELS } from './default-models.ts';
export { googleAdapter } from './google/adapter.ts';
export { mistralAdapter } from './mistral/adapter.ts';
export { openaiAdapter } from './openai/adapter.ts';
export { openaiCompatibleAdapter } from './openai-compatible/adapter.ts';
export { perplexityAdapter } from './perplexity/adapter.ts';
export type { FailureBilling, ProviderErrorKind, ProviderErrorOptions, RetryAdvice } from './provider-error.ts';
export { AuthError, ProviderError, RateLimited, Retryable, ValidationError } from './provider-error.ts';
export { adapterFor } from './registry.ts';
