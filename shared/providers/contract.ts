import type { ProviderName } from '../contracts/names.ts';
import type { Usage } from '../contracts/queues.ts';

export type { ProviderName, Usage };

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** A chat request in the platform's normalized form. Absent options are left to the vendor. */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** Always set and always sent, so that a request has a most that it can cost. Reasoning tokens count. */
  readonly maxOutputTokens: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
}

/** Why the model stopped. The vendor's own word stands beside it as `rawFinishReason`. */
export type FinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'other' | 'unknown';

export interface GenerateResult {
  readonly message: { readonly role: 'assistant'; readonly content: string };
  readonly finishReason: FinishReason;
  readonly rawFinishReason: string | null;
  /** Undefined when the answer carried no usage: the caller then bills its estimate. */
  readonly usage: Usage | undefined;
  /** The model that the vendor says it used. */
  readonly responseModel: string | null;
  /** What the request asked for and this vendor cannot do. */
  readonly warnings: readonly string[];
}

/** Everything that one attempt needs; adapters read no environment, clock or global. */
export interface CallOptions {
  readonly model: string;
  readonly credentials: { readonly apiKey: string };
  /** Replaces the vendor's public endpoint: an origin or more, with the API version's segment or without it. */
  readonly baseUrl?: string;
  readonly fetch: typeof fetch;
  readonly abortSignal: AbortSignal;
  /** Sent upstream as `traceparent` when given. */
  readonly traceparent?: string;
}

/**
 * One vendor behind the platform's contract.
 *
 * Guarantees: one attempt per call; the answer is read within a size limit; redirects are refused; a failure rejects
 * with a `ProviderError`. Does not retry, price, or look anything up.
 */
export interface LanguageModelAdapterV1 {
  readonly specificationVersion: 'v1';
  readonly provider: ProviderName;
  /** The most tokens that a request can use: its input counted at its upper bound, and the enforced output limit. */
  bound(request: ChatRequest): { readonly inputTokens: number; readonly outputTokens: number };
  generate(request: ChatRequest, options: CallOptions): Promise<GenerateResult>;
}
