import type { ProviderName } from '../contract.ts';
import { eventError, type VendorFault } from '../http/status-error.ts';
import type { ProviderError, ProviderErrorKind } from '../provider-error.ts';
import { errorBody, type Fault } from './schemas.ts';

const KIND_BY_WORD: ReadonlyMap<unknown, ProviderErrorKind> = new Map([
  ['content_filter', 'content-filtered'],
  ['content_policy_violation', 'content-filtered'],
  ['context_length_exceeded', 'context-too-long'],
  ['invalid_model', 'model-not-found'],
  ['model_not_found', 'model-not-found'],
  ['string_above_max_length', 'context-too-long'],
]);

/** How Mistral, vLLM and others say it, who have no code for it. */
const CONTEXT_TOO_LONG = /\bmax(imum)? context length\b|\bcontext window\b/i;

/** The statuses that go with a code or a type where an event has no status of its own. */
const STATUS_BY_WORD: ReadonlyMap<unknown, number> = new Map([
  ['authentication_error', 401],
  ['insufficient_quota', 429],
  ['invalid_api_key', 401],
  ['invalid_request_error', 400],
  ['overloaded_error', 503],
  ['permission_error', 403],
  ['rate_limit_error', 429],
  ['rate_limit_exceeded', 429],
]);

/** `code` is a word with OpenAI, and with others the status. */
function readError(body: unknown): Fault {
  const { data } = errorBody.safeParse(body);
  if (!data) return {};
  if ('error' in data) return data.error;
  if (!('detail' in data)) return data;
  if (typeof data.detail === 'string') return { message: data.detail };
  const [{ msg, type }] = data.detail;
  return { message: msg, type };
}

/**
 * Reads `{ error: { message, type, code } }` (https://developers.openai.com/api/docs/guides/error-codes), the same
 * without its envelope, or `{ detail }`, which servers built on FastAPI answer to a malformed request.
 */
export function readFault(body: unknown): VendorFault {
  const { message, code, type } = readError(body);
  const kind = KIND_BY_WORD.get(code) ?? KIND_BY_WORD.get(type);
  return {
    message,
    code: typeof code === 'string' ? code : type,
    kind: kind ?? (CONTEXT_TOO_LONG.test(message ?? '') ? 'context-too-long' : undefined),
  };
}

/** The failure that an error event inside a stream stands for. */
export function streamFault(provider: ProviderName, body: unknown): ProviderError {
  const { code, type } = readError(body);
  const fault = readFault(body);
  const stated = typeof code === 'number' && code >= 400 && code < 600 ? code : undefined;
  const status = stated ?? STATUS_BY_WORD.get(code) ?? STATUS_BY_WORD.get(type) ?? (fault.kind ? 400 : 500);
  return eventError(provider, status, fault);
}
