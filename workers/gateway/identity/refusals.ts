import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { UNAVAILABLE_RETRY_MS } from '../constants.ts';

/** That a request has no valid credential; `detail` says which one was looked at. */
export function unauthenticated(detail: string): DomainError {
  return { code: 'unauthenticated', detail, headers: { 'www-authenticate': 'Bearer realm="eufm"' } };
}

/** That what a credential is checked by is away. */
export function identityUnavailable(): DomainError {
  const detail = 'Credentials cannot be checked right now. Nothing was done.';
  return { code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS };
}
