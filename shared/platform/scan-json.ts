export interface JsonLimits {
  readonly maxDepth: number;
  /** Keys and array items together. */
  readonly maxElements: number;
  /** Longest string, in characters as written, that is no base64. */
  readonly maxTextLength: number;
}

/** The first limit that a text is beyond. */
export interface JsonExcess {
  readonly problem: 'too_complex' | 'text_too_long';
  /** Where the scanner stopped: it has looked at nothing behind. */
  readonly at: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Longest beginning of a data URL: `data:`, a media type with parameters, `;base64,`. RFC 2397. */
const DATA_URL_HEADER_MAX_LENGTH = 256;

/** Base64 and base64url (RFC 4648), and the backslash that some writers of JSON put before a slash. */
const ENCODED = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\\')
  ENCODED[character.charCodeAt(0)] = 1;

/**
 * Tells before anything is parsed if a JSON text is nested too deep, has too many parts, or a string too long that is no
 * base64, as images and files are sent. Stops at the first. Does not check that it is JSON.
 */
export function scanJson(text: string, limits: JsonLimits): JsonExcess | null {
  const { maxDepth, maxElements, maxTextLength } = limits;
  if (isPlainlyWithin(text, limits)) return null;
  let depth = 0;
  let elements = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at + 1);
      const stray = end - at - 1 > maxTextLength ? strayCharacter(text, at + 1, end) : end;
      if (stray < end) return { problem: 'text_too_long', at: stray };
      at = end;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth++;
      elements++;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
    else if (code === COMMA) elements++;
    if (depth > maxDepth || elements > maxElements) return { problem: 'too_complex', at };
  }
  return null;
}

/** If a text is too short for anything but nesting, and has too few brackets for that: so are nearly all, and a few searches tell. */
function isPlainlyWithin(text: string, { maxDepth, maxElements, maxTextLength }: JsonLimits): boolean {
  if (text.length > maxElements || text.length > maxTextLength) return false;
  let left = maxDepth;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) if (left-- === 0) return false;
  }
  return true;
}

/** The place of the quote that ends the string that `at` is within, or the end of the text. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at); end !== -1; end = text.indexOf('"', end + 1)) {
    let from = end;
    while (text.charCodeAt(from - 1) === BACKSLASH) from--;
    if ((end - from) % 2 === 0) return end;
  }
  return text.length;
}

/** The first character of a string that base64, or a data URL of it, has not; `end` if there is none. */
function strayCharacter(text: string, start: number, end: number): number {
  const comma = text.startsWith('data:', start)
    ? text.slice(start, start + DATA_URL_HEADER_MAX_LENGTH).indexOf(',')
    : -1;
  for (let at = start + comma + 1; at < end; at++) if (ENCODED[text.charCodeAt(at)] !== 1) return at;
  return end;
}
