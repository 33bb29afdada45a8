import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { ProviderError } from '../../../shared/providers/provider-error.ts';
import { UNAVAILABLE_RETRY_MS } from '../constants.ts';
import { CircuitOpen, CredentialsUnavailable } from './call-provider.ts';
import { providerErrorToDomain } from './provider-error-to-domain.ts';
import type { Ending } from './settlement.ts';

/** What a failed call is to the client and to its bill. */
export interface Failure {
  readonly error: DomainError;
  readonly ending: Ending;
}

/** Reads the failure of a call that answered nothing. */
export function toFailure(cause: unknown): Failure {
  if (cause instanceof ProviderError) {
    return failure(providerErrorToDomain(cause), cause.billing === 'maybe-billed');
  }
  if (cause instanceof CredentialsUnavailable) {
    const detail = 'The provider account’s credentials cannot be opened right now. Nothing was sent.';
    return unsent({ code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS });
  }
  if (cause instanceof CircuitOpen) {
    const detail = 'The provider failed too often lately, and is left alone for now. Nothing was sent.';
    return unsent({ code: 'provider_overloaded', detail, retryAfterMs: UNAVAILABLE_RETRY_MS });
  }
  const detail = 'The call to the provider ended in a fault of ours. It is billed at its estimate.';
  return failure({ code: 'internal_error', detail }, true);
}

function failure(error: DomainError, isBilled: boolean): Failure {
  return {
    error,
    ending: { status: 'failed', errorCode: error.code, bill: { kind: isBilled ? 'unknown' : 'nothing' } },
  };
}

function unsent(error: DomainError): Failure {
  const { ending } = failure(error, false);
  return { error, ending: { ...ending, isUnsent: true } };
}
