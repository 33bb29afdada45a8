/** A body of OpenAI's Chat Completions, and what other vendors put into it. Written from the vendors' documentation. */
export interface ChatBody {
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly ChatTool[] | null;
  readonly tool_choice?: ChatChoice | null;
  readonly response_format?: ChatFormat | null;
  readonly stop?: string | readonly string[] | null;
  readonly [field: string]: unknown;
}

export interface ChatFormat {
  readonly type: string;
  readonly json_schema?: {
    readonly name: string;
    readonly schema: unknown;
    readonly description?: string | null;
    readonly strict?: boolean | null;
  };
}

export type ChatChoice =
  | string
  | {
      readonly type: string;
      readonly function?: { readonly name: string };
      readonly allowed_tools?: { readonly mode: string; readonly tools: readonly ChatTool[] };
    };

export interface ChatTool {
  readonly type: string;
  readonly function?: {
    readonly name: string;
    readonly description?: string | null;
    readonly parameters?: unknown;
    readonly strict?: boolean | null;
  };
}

export interface ChatCall {
  readonly id: string;
  readonly type: string;
  readonly function?: { readonly name: string; readonly arguments: string };
}

export interface ChatPart {
  readonly type: string;
  readonly text?: string;
  readonly refusal?: string;
  readonly image_url?: { readonly url: string; readonly detail?: string };
  readonly input_audio?: { readonly data: string; readonly format: string };
  readonly file?: { readonly file_data?: string; readonly file_id?: string; readonly filename?: string };
  readonly prompt_cache_breakpoint?: object;
  /** Mistral's. */
  readonly thinking?: readonly { readonly text: string }[];
  readonly document_url?: string;
  readonly document_name?: string;
  /** Perplexity's. */
  readonly file_url?: { readonly url: string };
  readonly file_name?: string;
}

export interface ChatMessage {
  readonly role: string;
  readonly content?: string | readonly ChatPart[] | null;
  readonly name?: string;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly ChatCall[] | null;
  readonly tool_call_id?: string;
  readonly annotations?: readonly unknown[] | null;
  readonly reasoning_content?: string | null;
  readonly reasoning_details?:
    | readonly { readonly type: string; readonly text?: string | null; readonly signature?: string | null }[]
    | null;
  readonly x_extra?: unknown;
}
