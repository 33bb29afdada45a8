/** Escapes in `JSON.stringify`'s output: of a backslash (skipped whole), of NUL, and of a surrogate without its other half. */
const ESCAPES = /\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/g;

/**
 * JSON text that `jsonb` accepts: characters that Postgres cannot store become U+FFFD. For records of what was received,
 * which must be kept whatever it contained. Values must be JSON.
 */
export function toJsonb(value: unknown): string {
  return JSON.stringify(value).replace(ESCAPES, (match) => (match === '\\\\' ? match : '\ufffd'));
}
