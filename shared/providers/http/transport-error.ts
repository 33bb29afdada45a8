import { BodyTooLargeError } from '../../platform/read-bounded-text.ts';
import type { ProviderName } from '../contract.ts';
import { ProviderError } from '../provider-error.ts';

/** Failures of Node's fetch before a byte of the request left. workerd reports all of them as a lost connection. */
const NOT_SENT_CODES: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const TIMEOUT_CODES: ReadonlySet<unknown> = new Set(['UND_ERR_BODY_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT']);

function property(value: unknown, key: 'cause' | 'code' | 'name'): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/**
 * The failure that an exception of `fetch`, or of reading its body, stands for. Where it cannot be told whether the
 * vendor got the request, it counts as got and may be billed.
 */
export function transportError(provider: ProviderName, thrown: unknown, signal: AbortSignal): ProviderError {
  const cause = signal.aborted ? signal.reason : thrown;
  const code = property(property(cause, 'cause'), 'code');
  const billing = NOT_SENT_CODES.has(code) ? 'not-billed' : 'maybe-billed';

  if (property(cause, 'name') === 'TimeoutError' || TIMEOUT_CODES.has(code)) {
    return ProviderError.of('timeout', `${provider} did not answer in time`, { cause, billing });
  }
  if (signal.aborted || property(cause, 'name') === 'AbortError') {
    return ProviderError.of('canceled', `the call of ${provider} was canceled`, { cause, billing });
  }
  if (cause instanceof BodyTooLargeError) {
    return ProviderError.of('bad-response', `${provider} answered with too large a body`, { cause, billing });
  }
  return ProviderError.of('retryable', `the connection to ${provider} failed`, { cause, billing });
}

/** The failure, if that is what it is, of a `fetch` that could not even build its request. */
export function unsendableError(provider: ProviderName, thrown: unknown): ProviderError | undefined {
  const cause = property(thrown, 'cause');
  const isUnsendable = thrown instanceof TypeError && (!cause || property(cause, 'code') === 'ERR_INVALID_URL');
  if (!isUnsendable) return undefined;
  return ProviderError.of('auth', `${provider} cannot be called with this account's credential and address`, {
    cause: thrown,
  });
}
