import { ProviderError } from '../provider-error.ts';

/** The text of a file that came as base64 of UTF-8. Throws a `ProviderError` when it is no base64. */
export function decodeText(base64: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch (cause) {
    const message = 'a file of the request is not base64';
    throw ProviderError.of('validation', message, { vendorMessage: message, cause });
  }
}
