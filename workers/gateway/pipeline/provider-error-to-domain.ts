import type { DomainError } from '../../../shared/errors/domain-error.ts';
import type { ProviderError } from '../../../shared/providers/provider-error.ts';
import { UNAVAILABLE_RETRY_MS } from '../constants.ts';

/** What a client may see of a provider's failure. */
export function providerErrorToDomain(error: ProviderError): DomainError {
  const retryAfterMs = error.retryAfterMs ?? UNAVAILABLE_RETRY_MS;
  const said = error.vendorMessage ? ` It says: ${error.vendorMessage}` : '';
  switch (error.kind) {
    case 'validation':
    case 'model-not-found':
    case 'context-too-long':
    case 'content-filtered':
      return {
        code: 'provider_rejected',
        detail: `The provider refused the request (${error.kind}).${said}`,
        rejection: error.kind,
      };
    case 'auth':
      return { code: 'provider_auth_failed', detail: 'The provider does not accept the account’s credentials.' };
    case 'rate-limited':
      return { code: 'provider_rate_limited', detail: 'The provider limits this account’s rate.', retryAfterMs };
    case 'overloaded':
      return { code: 'provider_overloaded', detail: 'The provider is overloaded.', retryAfterMs };
    case 'canceled':
      return { code: 'canceled', detail: 'The call was canceled.' };
    case 'timeout':
      return { code: 'provider_timeout', detail: 'The provider did not answer in time.' };
    case 'upstream-cut':
      return { code: 'provider_stream_cut', detail: 'The provider’s stream broke off before it was complete.' };
    case 'retryable':
    case 'bad-response':
      return { code: 'provider_failed', detail: 'The provider failed, or its answer could not be read.' };
  }
}
