/** Where the bytes of an image or a file are. A URL has no media type: no API lets its client say one. */
export type Media = { readonly bytes: string; readonly type?: string } | { readonly url: string };

/** A piece of what a user says or a tool answers. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly media: Media; readonly detail?: string }
  | { readonly kind: 'file'; readonly media: Media; readonly name?: string };

/** One thing that is said, in the order in which it is. */
export type Said =
  | { readonly by: 'system'; readonly text: string }
  | { readonly by: 'user'; readonly part: Part }
  | { readonly by: 'assistant'; readonly text: string }
  | { readonly by: 'thought'; readonly text: string; readonly signature?: string }
  | {
      readonly by: 'call';
      readonly id: string;
      readonly name: string;
      readonly arguments: unknown;
      readonly signature?: string;
    }
  | {
      readonly by: 'tool';
      readonly id: string;
      readonly name: string;
      readonly content: readonly Part[];
      readonly isError: boolean;
    };

export interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly schema: unknown;
  readonly strict?: boolean;
}

/** How to answer. What is absent is left to the provider. */
export interface Settings {
  readonly limit?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly effort?: string;
  readonly tools?: readonly Tool[];
  /** `auto`, `none`, `required`, or the one tool. */
  readonly choice?: string | { readonly name: string };
  readonly parallel?: boolean;
  /** JSON that the answer must be, of any schema where there is none. */
  readonly format?: {
    readonly schema?: unknown;
    readonly name?: string;
    readonly description?: string;
    readonly strict?: boolean;
  };
}

/** What a model is told, whatever the API that it is told in. */
export interface Conversation {
  readonly said: readonly Said[];
  readonly settings: Settings;
}

/** What a form says: to a model, and beside that what only its own API understands. */
export interface Reading {
  readonly conversation: Conversation;
  /** Phrases of the warnings that are due for what the platform's form has no word for. */
  readonly beside: ReadonlySet<string>;
}

/** The arguments of a call: an object, or the text that is none. */
export function toArguments(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text || '{}');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // told as the text that it is
  }
  return { INVALID_JSON: text };
}

/**
 * The same conversation in the one way in which it is compared. An empty text says nothing. Texts of an assistant, or of
 * a system, that follow each other are one text: where one part ends is not a thing that is said.
 */
export function normalize({ said, settings }: Conversation): Conversation {
  const things: Said[] = [];
  for (const thing of said) {
    if (saysNothing(thing)) continue;
    const last = things.at(-1);
    if (last?.by === 'assistant' && thing.by === 'assistant') things.splice(-1, 1, joined(last, thing, ''));
    else if (last?.by === 'system' && thing.by === 'system') things.splice(-1, 1, joined(last, thing, '\n'));
    else things.push(thing.by === 'tool' ? { ...thing, content: thing.content.filter(isPartSaid) } : thing);
  }
  return { said: things, settings };
}

function joined<T extends { readonly text: string }>(first: T, second: T, between: string): T {
  return { ...first, text: `${first.text}${between}${second.text}` };
}

function saysNothing(thing: Said): boolean {
  if (thing.by === 'user') return !isPartSaid(thing.part);
  if (thing.by === 'thought') return thing.text === '' && thing.signature === undefined;
  return (thing.by === 'assistant' || thing.by === 'system') && thing.text === '';
}

function isPartSaid(part: Part): boolean {
  return part.kind !== 'text' || part.text !== '';
}

/** JSON with the keys of objects in their order, so that equal values are equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
