import { MAX_VENDOR_MESSAGE_CHARS } from '../constants.ts';
import type { ProviderName } from '../contract.ts';
import { omitUndefined } from '../convert/omit-undefined.ts';
import { type FailureBilling, ProviderError, type ProviderErrorKind } from '../provider-error.ts';
import { retryAfterMs } from './retry-after.ts';

/** What a vendor's error body says beyond its status. `kind` refines a plain 4xx that has no status of its own. */
export interface VendorFault {
  readonly message?: string | null | undefined;
  readonly code?: string | null | undefined;
  readonly kind?: ProviderErrorKind | undefined;
  readonly retryAfterMs?: number | undefined;
}

const KIND_BY_STATUS: Readonly<Record<number, ProviderErrorKind>> = {
  401: 'auth',
  402: 'auth',
  403: 'auth',
  404: 'model-not-found',
  408: 'timeout',
  409: 'retryable',
  413: 'context-too-long',
  425: 'retryable',
  429: 'rate-limited',
  503: 'overloaded',
  504: 'timeout',
  524: 'timeout',
  529: 'overloaded',
};

/** A gateway gave up on a backend that may have run to the end. */
const MAYBE_BILLED_STATUSES: ReadonlySet<number> = new Set([502, 504, 520, 524]);

/** Failures that the request itself caused: only of these may its sender read the vendor's sentence. */
const REQUEST_FAULTS: ReadonlySet<ProviderErrorKind> = new Set([
  'validation',
  'model-not-found',
  'context-too-long',
  'content-filtered',
]);

function kindOf(status: number): ProviderErrorKind {
  const kind = KIND_BY_STATUS[status];
  if (kind) return kind;
  if (status >= 500) return 'retryable';
  return status >= 400 ? 'validation' : 'bad-response';
}

/** The failure that a response other than 2xx stands for. Redirects are refused, so 3xx is a failure as well. */
export function statusError(provider: ProviderName, response: Response, fault: VendorFault): ProviderError {
  const { status, headers } = response;
  return vendorError(`${provider} answered ${status}`, status, {
    retryAfterMs: retryAfterMs(headers),
    ...omitUndefined(fault),
    billing: MAYBE_BILLED_STATUSES.has(status) ? 'maybe-billed' : 'not-billed',
  });
}

/**
 * The failure that an error event inside a 200 stream stands for. `status` is the one that the vendor would have
 * answered with; what it produced before may be billed.
 */
export function eventError(provider: ProviderName, status: number, fault: VendorFault): ProviderError {
  return vendorError(`${provider} ended its stream with an error`, status, { ...fault, billing: 'maybe-billed' });
}

function vendorError(
  summary: string,
  status: number,
  { message, code, kind: refined, retryAfterMs, billing }: VendorFault & { readonly billing: FailureBilling },
): ProviderError {
  const byStatus = kindOf(status);
  const kind = byStatus === 'validation' ? (refined ?? byStatus) : byStatus;
  const suffix = code && /^[\w.-]{1,64}$/.test(code) ? ` (${code})` : '';
  return ProviderError.of(kind, `${summary}${suffix}`, {
    status,
    retryAfterMs,
    vendorMessage: REQUEST_FAULTS.has(kind) ? message?.slice(0, MAX_VENDOR_MESSAGE_CHARS) : undefined,
    billing,
  });
}
