import type { ProviderName } from '../contracts/names.ts';
import type { Usage } from '../contracts/usage.ts';
import type { ProviderError } from './provider-error.ts';

export type { ProviderName, Usage };

/** A JSON Schema (2020-12), as the caller wrote it. */
export type JsonSchema = { readonly [key: string]: unknown };
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Bytes of an image or a file: inline, or at a URL that the vendor fetches itself. */
export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string };

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}
export interface ImagePart {
  readonly type: 'image';
  readonly source: MediaSource;
  readonly detail?: 'auto' | 'low' | 'high';
}
export interface FilePart {
  readonly type: 'file';
  readonly source: MediaSource;
  readonly filename?: string;
}
/** What a model thought. `signature` is the vendor's proof, handed back untouched in the next turn. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  readonly signature?: string;
}
/** `arguments` is JSON text as the model wrote it: it can be malformed, and is then the caller's to judge. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  /** The vendor's proof of its thinking, handed back untouched (Gemini's thought signature). */
  readonly signature?: string;
}

export type ChatMessage =
  | { readonly role: 'system'; readonly content: string }
  | { readonly role: 'user'; readonly content: string | readonly (TextPart | ImagePart | FilePart)[] }
  | {
      readonly role: 'assistant';
      readonly content: string | readonly (TextPart | ReasoningPart)[];
      readonly toolCalls?: readonly ToolCall[];
    }
  | {
      readonly role: 'tool';
      readonly toolCallId: string;
      readonly toolName: string;
      readonly content: string | readonly (TextPart | ImagePart | FilePart)[];
      readonly isError?: boolean;
    };

export interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly parameters: JsonSchema;
  readonly strict?: boolean;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/**
 * What the answer must be. `json` without a schema is any JSON object. `strict` is for vendors that can take a schema for
 * a hint: absent, one is enforced where that is certain to work. The other vendors enforce every schema.
 */
export type ResponseFormat =
  | { readonly type: 'text' }
  | {
      readonly type: 'json';
      readonly schema?: JsonSchema;
      readonly name?: string;
      readonly description?: string;
      readonly strict?: boolean;
    };

/** A chat request in the platform's normalized form. Absent options are left to the vendor. */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** Always set and always sent, so that a request has a most that it can cost. Reasoning tokens count. */
  readonly maxOutputTokens: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly reasoningEffort?: 'none' | 'low' | 'medium' | 'high';
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly responseFormat?: ResponseFormat;
  /** Passed through to the vendor's request as it is, under its own name; the other vendors' are not sent. */
  readonly providerOptions?: { readonly [Provider in ProviderName]?: { readonly [key: string]: JsonValue } };
}

/** A legacy text completion. */
export interface CompletionRequest {
  readonly prompt: string;
  readonly maxOutputTokens: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
}

export interface EmbeddingRequest {
  readonly inputs: readonly string[];
  readonly dimensions?: number;
}

/** Why the model stopped. The vendor's own word stands beside it as `rawFinishReason`. */
export type FinishReason = 'stop' | 'length' | 'content-filter' | 'tool-calls' | 'error' | 'other' | 'unknown';

/** A place that an answer cites or a search that it used found. */
export interface Source {
  readonly url: string;
  readonly title?: string;
  readonly date?: string;
  readonly snippet?: string;
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: string;
  readonly reasoning?: readonly ReasoningPart[];
  readonly toolCalls?: readonly ToolCall[];
}

/** Usage unified, and as the vendor wrote it. `unified` is undefined when the answer carried none. */
export interface ReportedUsage {
  readonly unified: Usage | undefined;
  readonly raw: JsonValue | undefined;
}

export interface GenerateResult {
  readonly message: AssistantMessage;
  readonly finishReason: FinishReason;
  readonly rawFinishReason: string | null;
  readonly usage: ReportedUsage;
  /** The model that the vendor says it used. */
  readonly responseModel: string | null;
  readonly sources?: readonly Source[];
  /** What the request asked for and this vendor cannot do. */
  readonly warnings: readonly string[];
}

export interface EmbedResult {
  /** One vector for each input, in their order. */
  readonly embeddings: readonly (readonly number[])[];
  readonly usage: ReportedUsage;
  readonly responseModel: string | null;
  readonly warnings: readonly string[];
}

/**
 * What a stream is made of. `response-start` comes first (unless the stream is cut before it), `finish` or `stream-error`
 * last and exactly once; nothing follows it. `usage-update` is what the vendor has counted so far, and replaces the one before. A tool call is
 * announced, its arguments come in pieces, and `tool-call-end` has it whole.
 */
export type StreamPart =
  | { readonly type: 'response-start'; readonly responseModel: string | null }
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly text: string }
  | { readonly type: 'reasoning-end'; readonly signature?: string }
  | { readonly type: 'tool-call-start'; readonly id: string; readonly name: string }
  | { readonly type: 'tool-call-delta'; readonly id: string; readonly argumentsDelta: string }
  | { readonly type: 'tool-call-end'; readonly call: ToolCall }
  | { readonly type: 'source'; readonly source: Source }
  | { readonly type: 'usage-update'; readonly usage: ReportedUsage }
  | {
      readonly type: 'finish';
      readonly finishReason: FinishReason;
      readonly rawFinishReason: string | null;
      readonly usage: ReportedUsage;
    }
  | { readonly type: 'stream-error'; readonly error: ProviderError; readonly usage: ReportedUsage };

/**
 * The parts of a stream, in the groups in which the network brought them, none held back: a consumer encodes and writes
 * one group at a time. Leaving the loop early cancels the vendor's response.
 */
export type PartStream = AsyncIterable<readonly StreamPart[]>;

/** A stream that the vendor has begun, and what the request asked for and this vendor cannot do. */
export interface StreamResult {
  readonly parts: PartStream;
  readonly warnings: readonly string[];
}

/** A wire format that clients and vendors share. */
export type WireFormat = 'openai-chat' | 'anthropic-messages';

/**
 * A chat request as a client of the vendor's own API wrote it. `body` holds no field that the platform does not know;
 * model, output limit and what asks for a stream are set by the adapter, whatever it says of them.
 */
export interface NativeRequest {
  readonly format: WireFormat;
  readonly body: { readonly [key: string]: unknown };
  readonly maxOutputTokens: number;
}

/** The vendor's answer as it came, and what it means. */
export interface NativeResult {
  readonly text: string;
  readonly result: GenerateResult;
}

/** Where bytes come from, one read after another. */
export type ByteReader = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read' | 'cancel'>;

/** One event of a `text/event-stream` (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface ServerSentEvent {
  /** `message` where the stream does not say. */
  readonly event: string;
  readonly data: string;
}

/** Events that came together, and the parts that they are. */
export interface EventGroup {
  readonly events: readonly ServerSentEvent[];
  readonly parts: readonly StreamPart[];
}

/** The vendor's event stream as it comes, for the client, and how to read a copy of it. */
export interface NativeStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Reads the stream or a copy, for once. Ends as a `PartStream` does: with one `finish` or `stream-error`. */
  read(bytes: ByteReader): AsyncIterable<EventGroup>;
}

/** Calls in the vendor's own wire format: nothing that the client or the vendor says is lost to a conversion. */
export interface NativeCalls {
  readonly format: WireFormat;
  generate(request: NativeRequest, options: CallOptions): Promise<NativeResult>;
  /** Resolves when the vendor has accepted the request; what goes wrong before that rejects. */
  stream(request: NativeRequest, options: CallOptions): Promise<NativeStream>;
}

/** Goes on with an answer that another model has begun, where the vendor documents that its models can. */
export interface Continuation {
  /** If a model takes `begun` as the beginning of its own answer to a request. */
  takes(request: ChatRequest, begun: string, model: string): boolean;
  /** As `stream`, for a request that it takes: the parts are what comes behind `begun`, which is not among them. */
  stream(request: ChatRequest, begun: string, options: CallOptions): Promise<StreamResult>;
}

/** Limits that a vendor's headers tell: null where they do not. */
export interface RateLimitHints {
  readonly requests: RateLimitWindow | null;
  readonly tokens: RateLimitWindow | null;
}
export interface RateLimitWindow {
  readonly limit: number | null;
  readonly remaining: number | null;
  /** Epoch milliseconds at which the window is full again. */
  readonly resetAt: number | null;
}

/** Everything that one attempt needs; adapters read no environment, clock or global. */
export interface CallOptions {
  readonly model: string;
  /** `apiKey` is sent as the vendor wants it; a Vertex account has an OAuth access token instead. */
  readonly credentials: { readonly apiKey: string; readonly accessToken?: string };
  /** Overrides the vendor's public endpoint: scheme, host and path, with or without the API version's segment. */
  readonly baseUrl?: string;
  /** Where the vendor is to infer, for one whose requests say so. */
  readonly region?: 'eu' | 'us';
  readonly fetch: typeof fetch;
  readonly now: () => number;
  /** For what a vendor leaves without an id. */
  readonly generateId: () => string;
  /** Also the time limit: an abort with a `TimeoutError` is a timeout, any other one a cancellation. */
  readonly abortSignal: AbortSignal;
  /** Sent upstream as `traceparent` when given. */
  readonly traceparent?: string;
  /** Told what the response's headers say of the account's limits, once, when there is a response. */
  readonly onRateLimitHints?: (hints: RateLimitHints) => void;
}

/** What a call needs that is about no model. */
export type VerifyOptions = Omit<CallOptions, 'model'>;

/** The most that a request can use. */
export interface UsageBound {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Searches that the vendor may run and bill apart. */
  readonly searches?: number;
}

/**
 * One vendor behind the platform's contract.
 *
 * Guarantees: one attempt per call; every read is bounded in size; redirects are refused; a credential goes to its own
 * origin only; a failure rejects with a `ProviderError`, or ends a stream that has begun as `stream-error`. Does not
 * retry, price, or look anything up. A member that is optional is absent where the vendor has no such thing.
 */
export interface ProviderAdapterV1 {
  readonly specificationVersion: 'v1';
  readonly provider: ProviderName;
  /** The most that a chat request can use: its input counted at its upper bound, and the enforced output limit. */
  bound(request: ChatRequest): UsageBound;
  generate(request: ChatRequest, options: CallOptions): Promise<GenerateResult>;
  /** Resolves when the vendor has accepted the request; what goes wrong before that rejects. */
  stream(request: ChatRequest, options: CallOptions): Promise<StreamResult>;
  /** Where the vendor speaks a format that clients speak too. */
  readonly native?: NativeCalls;
  readonly continuation?: Continuation;
  complete?(request: CompletionRequest, options: CallOptions): Promise<GenerateResult>;
  streamCompletion?(request: CompletionRequest, options: CallOptions): Promise<StreamResult>;
  /** Counts the input of a chat request, free of charge. */
  countTokens?(request: ChatRequest, options: CallOptions): Promise<number>;
  embed?(request: EmbeddingRequest, options: CallOptions): Promise<EmbedResult>;
  /** Finds out if the vendor takes the account's credentials, free of charge: it lists something. */
  verify?(options: VerifyOptions): Promise<void>;
}
