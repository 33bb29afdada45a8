import type { OpenAiError } from '../../../shared/contracts/http/openai/error.ts';
import { type DomainError, ERRORS, type ErrorCode } from '../../../shared/errors/domain-error.ts';
import type { WriteError } from './dialect.ts';

/** Words of OpenAI's for an error; what is absent follows from the status, and the code is ours. */
interface Words {
  readonly status?: number;
  readonly type?: string;
  readonly code?: string;
}

const PERMISSION: Words = { type: 'permission_error' };
const BUDGET: Words = { type: 'insufficient_quota' };
const RATE: Words = { type: 'rate_limit_error', code: 'rate_limit_exceeded' };

const WORDS: { readonly [Code in ErrorCode]?: Words } = {
  model_not_found: { status: 404 },
  routing_policy_not_found: { status: 404 },
  unauthenticated: { type: 'authentication_error', code: 'invalid_api_key' },
  budget_exhausted: BUDGET,
  quota_exhausted: BUDGET,
  model_unpriced: BUDGET,
  stream_over_hold: BUDGET,
  tenant_mismatch: PERMISSION,
  environment_mismatch: PERMISSION,
  tenant_suspended: PERMISSION,
  permission_denied: PERMISSION,
  address_not_allowed: PERMISSION,
  model_not_allowed: PERMISSION,
  rate_limited: RATE,
  concurrency_limited: RATE,
  provider_rate_limited: RATE,
};

const REJECTIONS: { readonly [Rejection in NonNullable<DomainError['rejection']>]: Words } = {
  validation: {},
  'model-not-found': { status: 404, code: 'model_not_found' },
  'context-too-long': { code: 'context_length_exceeded' },
  'content-filtered': { code: 'content_filter' },
};

/**
 * An error as OpenAI's API has it (https://platform.openai.com/docs/guides/error-codes): its clients throw the class that
 * belongs to the status. They would try again on some; `x-should-retry` tells them not to where that cannot help.
 */
export const writeOpenAiError: WriteError = (error) => {
  const { code, detail, rejection, errors } = error;
  const words = (rejection && REJECTIONS[rejection]) ?? WORDS[code] ?? {};
  const status = words.status ?? ERRORS[code].status;
  const type = words.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
  const param = toParam(errors?.[0]?.pointer ?? '');
  const body: OpenAiError = { error: { message: detail, type, param, code: words.code ?? code } };
  const isFutile = ERRORS[code].retry === 'never' && isRetried(status);
  return { status, body, ...(isFutile && { headers: { 'x-should-retry': 'false' } }) };
};

/** If OpenAI's clients try again on this status without being told to. */
function isRetried(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** A JSON pointer as OpenAI names a field: `/messages/0/content` as `messages[0].content`. Null for the whole body. */
function toParam(pointer: string): string | null {
  if (!pointer.startsWith('/')) return pointer || null;
  const segments = pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  const param = segments.map((segment) => (/^\d+$/.test(segment) ? `[${segment}]` : `.${segment}`)).join('');
  return param.replace(/^\./, '');
}
