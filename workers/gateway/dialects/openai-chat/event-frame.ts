/** The text of an event around the one value in which it differs from others of its kind. */
export interface EventFrame {
  readonly head: string;
  readonly tail: string;
}

/** One event of a stream as text. JSON has no line breaks of its own, so its data is one line. */
export function dataEvent(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/**
 * The frame of events like `event`, in which the value of `key` is empty. Quotes within a text are escaped in JSON, so
 * no name that a client chose can pass for the key.
 */
export function frameEvent(event: object, key: string, empty: '{}' | '""'): EventFrame {
  const text = dataEvent(event);
  const start = text.indexOf(`"${key}":${empty}`) + key.length + 3;
  return { head: text.slice(0, start), tail: text.slice(start + empty.length) };
}

/** What ends a stream that completed. */
export const DONE = 'data: [DONE]\n\n';

const NO_CHOICES = /"choices"\s*:\s*\[\s*\]/;
const USAGE = /"usage"\s*:\s*\{/;

/**
 * If an event of OpenAI's is the chunk that has nothing but usage. Quotes within a text are escaped in JSON, so no text
 * of a model can pass for one.
 */
export function isUsageOnly({ data }: { readonly data: string }): boolean {
  return NO_CHOICES.test(data) && USAGE.test(data);
}
