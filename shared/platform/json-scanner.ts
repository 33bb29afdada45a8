export interface JsonLimits {
  readonly maxDepth: number;
  /** Keys and array items together. */
  readonly maxElements: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Watches the bytes of a JSON text go by and tells as soon as it is nested too deep or has too many parts, before
 * anything is parsed. Does not check that it is JSON.
 */
export class JsonScanner {
  readonly #limits: JsonLimits;
  #depth = 0;
  #elements = 0;
  #isInString = false;
  #isEscaped = false;

  constructor(limits: JsonLimits) {
    this.#limits = limits;
  }

  /** False once the text is beyond a limit. */
  accept(bytes: Uint8Array): boolean {
    const { maxDepth, maxElements } = this.#limits;
    let at = this.#isInString ? this.#behindString(bytes, 0) : 0;
    while (at < bytes.length) {
      const byte = bytes[at++];
      if (byte === QUOTE) at = this.#behindString(bytes, at);
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.#depth++;
        this.#elements++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#depth--;
      else if (byte === COMMA) this.#elements++;
      if (this.#depth > maxDepth || this.#elements > maxElements) return false;
    }
    return true;
  }

  /** The place behind the string that `at` is within, or the end of the bytes. */
  #behindString(bytes: Uint8Array, at: number): number {
    let isEscaped = this.#isEscaped;
    let end = at;
    while (end < bytes.length) {
      const byte = bytes[end++];
      if (isEscaped) isEscaped = false;
      else if (byte === BACKSLASH) isEscaped = true;
      else if (byte === QUOTE) {
        this.#isInString = false;
        this.#isEscaped = false;
        return end;
      }
    }
    this.#isInString = true;
    this.#isEscaped = isEscaped;
    return end;
  }
}
