/** A body of Anthropic's Messages. Written from the vendor's documentation. */
export interface MessagesBody {
  readonly messages: readonly MessageParam[];
  readonly system?: string | readonly Block[];
  readonly tools?: readonly MessagesTool[];
  readonly tool_choice?: {
    readonly type: string;
    readonly name?: string;
    readonly disable_parallel_tool_use?: boolean;
  };
  readonly thinking?: { readonly type: string; readonly budget_tokens?: number; readonly display?: string | null };
  readonly output_config?: { readonly effort?: string | null; readonly format?: MessagesFormat | null };
  readonly output_format?: MessagesFormat | null;
  readonly stop_sequences?: readonly string[];
  readonly metadata?: { readonly user_id?: string | null };
  readonly cache_control?: CacheControl | null;
  readonly [field: string]: unknown;
}

export interface MessagesFormat {
  readonly type: string;
  readonly schema: unknown;
}

interface CacheControl {
  readonly type: string;
  readonly ttl?: string;
}

export interface MessagesTool {
  readonly type?: string | null;
  readonly name?: string;
  readonly description?: string;
  readonly input_schema?: unknown;
  readonly strict?: boolean;
  readonly eager_input_streaming?: boolean | null;
  readonly input_examples?: readonly object[];
  readonly cache_control?: CacheControl | null;
}

export interface MessageParam {
  readonly role: string;
  readonly content: string | readonly Block[];
}

export interface BlockSource {
  readonly type: string;
  readonly media_type?: string;
  readonly data?: string;
  readonly url?: string;
  readonly content?: string | readonly Block[];
}

export interface Block {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly signature?: string;
  readonly data?: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly caller?: { readonly type: string };
  readonly toolset_name?: string | null;
  readonly tool_use_id?: string;
  readonly content?: string | readonly Block[];
  readonly is_error?: boolean;
  readonly source?: string | BlockSource;
  readonly title?: string | null;
  readonly context?: string | null;
  readonly citations?: readonly object[] | { readonly enabled?: boolean } | null;
  readonly transformations?: object | null;
  readonly cache_control?: CacheControl | null;
}
