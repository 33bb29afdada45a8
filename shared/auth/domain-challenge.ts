import { toBase64Url } from '../crypto/bytes.ts';

const TOKEN_BYTES = 32;

/** What a TXT record is to say so that a domain is proven: 256 random bits, of one tenant's claim alone. */
export function mintDomainChallenge(): string {
  return `eufm-verification=${toBase64Url(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)))}`;
}
