import type { ProviderName } from '../../../../shared/providers/contract.ts';

const MARK = /^eufm:[a-z-]+:/;

/** A signature as a client of Anthropic gets it: that of another provider says so, since Anthropic would refuse it. */
export function markSignature(signature: string, provider: ProviderName): string {
  return provider === 'anthropic' ? signature : `eufm:${provider}:${signature}`;
}

/** The signature that was marked, or the one that was not. */
export function unmarkSignature(signature: string): string {
  return signature.replace(MARK, '');
}

/** If Anthropic wrote a signature, as far as it can be told. A thought without a signature is another provider's. */
export function isOwnSignature(signature: string | undefined): boolean {
  return !!signature && !MARK.test(signature);
}
