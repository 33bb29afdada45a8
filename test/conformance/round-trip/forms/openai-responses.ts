/** A body of OpenAI's Responses. Written from the vendor's documentation. */
export interface ResponsesBody {
  readonly input: string | readonly ResponsesItem[];
  readonly instructions?: string | null;
  readonly tools?: readonly ResponsesTool[] | null;
  readonly tool_choice?: ResponsesChoice | null;
  readonly text?: { readonly format?: ResponsesFormat | null; readonly verbosity?: string | null } | null;
  readonly reasoning?: {
    readonly effort?: string | null;
    readonly summary?: string | null;
    readonly generate_summary?: string | null;
  } | null;
  readonly include?: readonly string[] | null;
  readonly stream_options?: { readonly include_obfuscation?: boolean } | null;
  readonly [field: string]: unknown;
}

export interface ResponsesFormat {
  readonly type: string;
  readonly name?: string;
  readonly schema?: unknown;
  readonly description?: string | null;
  readonly strict?: boolean | null;
}

export type ResponsesChoice =
  | string
  | {
      readonly type: string;
      readonly name?: string;
      readonly mode?: string;
      readonly tools?: readonly { name: string }[];
    };

export interface ResponsesTool {
  readonly type: string;
  readonly name?: string;
  readonly description?: string | null;
  readonly parameters?: unknown;
  readonly strict?: boolean | null;
}

export interface ResponsesPart {
  readonly type: string;
  readonly text?: string;
  readonly refusal?: string;
  readonly image_url?: string | null;
  readonly file_id?: string | null;
  readonly detail?: string | null;
  readonly file_data?: string | null;
  readonly file_url?: string | null;
  readonly filename?: string | null;
}

export interface ResponsesItem {
  readonly type?: string;
  readonly role?: string;
  readonly content?: string | readonly ResponsesPart[] | null;
  readonly phase?: string | null;
  readonly call_id?: string;
  readonly name?: string;
  readonly arguments?: string;
  readonly output?: string | readonly ResponsesPart[];
  readonly summary?: readonly { readonly type: string; readonly text: string }[];
  readonly encrypted_content?: string | null;
}
