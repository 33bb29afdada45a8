const MAX_LENGTH = 255;
/** Visible ASCII and spaces within. */
const KEY = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const QUOTED = /^"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"$/;

/**
 * The key that a header names, or null where it names none. A quoted string is what the draft asks for
 * (https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#section-2.1, RFC 9651 section 3.3.3);
 * clients in use send the bare key, which is the same key.
 */
export function readKey(header: string): string | null {
  const key = QUOTED.test(header) ? header.slice(1, -1).replaceAll(/\\(["\\])/g, '$1') : header;
  return KEY.test(key) && key.length <= MAX_LENGTH ? key : null;
}
