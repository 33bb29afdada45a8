import { eventError, type VendorFault } from '../http/status-error.ts';
import type { ProviderError, ProviderErrorKind } from '../provider-error.ts';
import { errorBody } from './schemas.ts';

/** Causes that Anthropic reports as a plain 400 and tells apart only in prose. An unknown wording stays `validation`. */
const KIND_BY_WORDING: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  [/prompt is too long|exceed context limit/i, 'context-too-long'],
  [/credit balance is too low/i, 'auth'],
];

/** The status that an error has outside a stream. */
const STATUS_BY_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** Reads `{ error: { type, message, details } }`. https://platform.claude.com/docs/en/api/errors */
export function readFault(body: unknown): VendorFault {
  const { data } = errorBody.safeParse(body);
  if (!data) return {};
  const { message, type, details } = data.error;
  const kind = KIND_BY_WORDING.find(([wording]) => wording.test(message ?? ''))?.[1];
  return { message, code: details?.error_code ?? type, kind };
}

/** The failure that the `error` event of a stream tells. A type that is not known is the vendor's own failure. */
export function streamError(body: unknown): ProviderError {
  const type = errorBody.safeParse(body).data?.error.type ?? '';
  const status = Object.hasOwn(STATUS_BY_TYPE, type) ? STATUS_BY_TYPE[type] : undefined;
  return eventError('anthropic', status ?? 500, readFault(body));
}
