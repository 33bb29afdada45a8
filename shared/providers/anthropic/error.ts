import type { VendorFault } from '../http/status-error.ts';
import type { ProviderErrorKind } from '../provider-error.ts';
import { errorBody } from './schemas.ts';

/** Causes that Anthropic reports as a plain 400 and tells apart only in prose. An unknown wording stays `validation`. */
const KIND_BY_WORDING: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  [/prompt is too long|exceed context limit/i, 'context-too-long'],
  [/credit balance is too low/i, 'auth'],
];

/** Reads `{ error: { type, message, details } }`. https://platform.claude.com/docs/en/api/errors */
export function readFault(body: unknown): VendorFault {
  const { data } = errorBody.safeParse(body);
  if (!data) return {};
  const { message, type, details } = data.error;
  const kind = KIND_BY_WORDING.find(([wording]) => wording.test(message ?? ''))?.[1];
  return { message, code: details?.error_code ?? type, kind };
}
