import type { AnthropicError } from '../../../../shared/contracts/http/anthropic/messages.ts';
import { type DomainError, ERRORS } from '../../../../shared/errors/domain-error.ts';
import type { WriteError } from '../dialect.ts';
import { threadDetails } from './thread-unsupported.ts';

/** What Anthropic answers when it has too much to do. */
const OVERLOADED_STATUS = 529;

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  [OVERLOADED_STATUS]: 'overloaded_error',
};

/**
 * An error as Anthropic's API has it (https://platform.claude.com/docs/en/api/errors): its clients throw the class that
 * belongs to the status. They would try again on some; `x-should-retry` tells them not to where that cannot help.
 */
export const writeAnthropicError: WriteError = (error, requestId) => {
  const status = statusOf(error);
  const body = toErrorBody(error, requestId);
  const isFutile = ERRORS[error.code].retry === 'never' && isRetried(status);
  return { status, body, ...(isFutile && { headers: { 'x-should-retry': 'false' } }) };
};

/** The body alone, which is also the `error` event of a stream. */
export function toErrorBody(error: DomainError, requestId: string): AnthropicError {
  const status = statusOf(error);
  const type = TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  return { type: 'error', error: { type, message: error.detail, ...threadDetails(error) }, request_id: requestId };
}

function statusOf({ code, rejection }: DomainError): number {
  if (code === 'provider_overloaded') return OVERLOADED_STATUS;
  const isUnknownModel = code === 'model_not_found' || rejection === 'model-not-found';
  return isUnknownModel || code === 'routing_policy_not_found' ? 404 : ERRORS[code].status;
}

/** If Anthropic's clients try again on this status without being told to. */
function isRetried(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}
