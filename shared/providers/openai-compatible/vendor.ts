import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions';
import type { ChatRequest, FilePart, JsonSchema, ProviderName, RateLimitHints, Source, Usage } from '../contract.ts';

/** A body, or a part of one, in a vendor's own extension of the format. */
export type Extension = { readonly [key: string]: unknown };

/** The body of `POST /chat/completions` before the vendor's own changes. */
export type ChatBody = Omit<ChatCompletionCreateParamsBase, 'messages'> & { readonly messages: readonly Extension[] };

export type ChatOption = Exclude<keyof ChatRequest, 'messages' | 'maxOutputTokens' | 'providerOptions'>;

/**
 * How a vendor differs from OpenAI's wire format. What is absent is as with OpenAI, or is not there at all; the hooks
 * are pure.
 */
export interface OpenaiVendor {
  readonly provider: ProviderName;
  /** The public endpoint. Absent where every account names its own. */
  readonly baseUrl?: string;
  /** The segment that a base URL without a version needs, for paths that have none of their own. */
  readonly apiVersion?: string;
  readonly outputLimitField: 'max_tokens' | 'max_completion_tokens';
  /** Options that become a warning. */
  readonly unsupported: readonly ChatOption[];
  /** What `providerOptions` may not set here, beyond what it may set nowhere, as `mergeProviderOptions` names it. */
  readonly reservedOptions?: readonly string[];
  /** The most tokens of one image and one file, and the most searches of one request. */
  readonly bounds: { readonly imageTokens: number; readonly fileTokens: number; readonly searches?: number };
  /** Asks for the usage of a stream with `stream_options`. */
  readonly hasStreamOptions: boolean;
  /** The last chunk has everything, and the end of the body may stand for `[DONE]`. */
  readonly mayEndWithoutDone?: boolean;
  /** Speaks the format as OpenAI does, so that a client's own body and the vendor's own answer pass as they are. */
  readonly isNative?: boolean;
  readonly hasCompletions?: boolean;
  readonly embeddings?: EmbeddingsShape;
  /** What can be listed for nothing, where it is not `/models`. */
  readonly listingPath?: string;

  /** Fits the request to what the vendor and the model know, with a warning for each thing that is not as asked. */
  adaptRequest?(
    request: ChatRequest,
    model: string,
  ): { readonly request: ChatRequest; readonly warnings: readonly string[] };
  /** Renames what is named otherwise. */
  adaptBody?(body: ChatBody, request: ChatRequest): object;
  /** The part that stands for a file; undefined when the vendor cannot read this one. */
  convertFile?(file: FilePart): Extension | undefined;
  /** The part that hands thoughts of an earlier turn back. */
  convertReasoning?(text: string): Extension;
  /** Whether to hold a model strictly to this schema where the caller does not say; the vendor must be able to. */
  allowsStrict?(schema: JsonSchema): boolean;
  convertUsage?(raw: unknown): Usage | undefined;
  /**
   * Whether a model goes on with the beginning of an answer. Absent where the vendor has no `prefix`: see `dropEcho` for
   * what one that has it answers.
   */
  takesPrefix?(request: ChatRequest, begun: string, model: string): boolean;
  /** The sources of an answer or a chunk past the first `from`, which are known already. */
  readSources?(body: Extension, from: number): readonly Source[];
  readRateLimitHints?(headers: Headers, now: number): RateLimitHints;
}

/** `POST /embeddings` of a vendor that has it. */
export interface EmbeddingsShape {
  /** With the version's segment, where `apiVersion` is not it. */
  readonly path?: string;
  readonly dimensionsField?: string;
  readonly encodingFormat?: string;
  /** Reads a vector that comes as text. */
  decode?(text: string): readonly number[];
}
