import { MAX_VENDOR_MESSAGE_CHARS } from '../constants.ts';
import type { ProviderName } from '../contract.ts';
import { ProviderError, type ProviderErrorKind } from '../provider-error.ts';
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
  const byStatus = kindOf(status);
  const kind = byStatus === 'validation' ? (fault.kind ?? byStatus) : byStatus;
  const code = fault.code && /^[\w.-]{1,64}$/.test(fault.code) ? ` (${fault.code})` : '';
  return new ProviderError(kind, `${provider} answered ${status}${code}`, {
    status,
    retryAfterMs: fault.retryAfterMs ?? retryAfterMs(headers),
    vendorMessage: REQUEST_FAULTS.has(kind) ? fault.message?.slice(0, MAX_VENDOR_MESSAGE_CHARS) : undefined,
    billing: MAYBE_BILLED_STATUSES.has(status) ? 'maybe-billed' : 'not-billed',
  });
}
