import type { VendorFault } from '../http/status-error.ts';
import type { ProviderErrorKind } from '../provider-error.ts';
import { errorBody } from './schemas.ts';

const KIND_BY_CODE: ReadonlyMap<string, ProviderErrorKind> = new Map([
  ['context_length_exceeded', 'context-too-long'],
  ['string_above_max_length', 'context-too-long'],
  ['content_filter', 'content-filtered'],
  ['content_policy_violation', 'content-filtered'],
  ['model_not_found', 'model-not-found'],
]);

/** Reads `{ error: { message, type, code } }`. https://developers.openai.com/api/docs/guides/error-codes */
export function readFault(body: unknown): VendorFault {
  const { data } = errorBody.safeParse(body);
  if (!data) return {};
  const { message, code, type } = data.error;
  return { message, code: code ?? type, kind: code ? KIND_BY_CODE.get(code) : undefined };
}
