import { eventError, type VendorFault } from '../http/status-error.ts';
import type { ProviderError, ProviderErrorKind } from '../provider-error.ts';
import { errorBody } from './schemas.ts';

const ERROR_INFO = 'type.googleapis.com/google.rpc.ErrorInfo';
const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/**
 * Reads a `google.rpc.Status`. A key that is wrong or may not be used here is a 400, and the time to wait stands in the
 * body as `RetryInfo`. A refused stream is a list of one. https://ai.google.dev/gemini-api/docs/troubleshooting
 */
export function readFault(body: unknown): VendorFault {
  const { data } = errorBody.safeParse(Array.isArray(body) ? body[0] : body);
  if (!data) return {};
  const { message, status, details } = data.error;
  const reason = details?.find((detail) => detail['@type'] === ERROR_INFO)?.reason;
  const delay = details?.find((detail) => detail['@type'] === RETRY_INFO)?.retryDelay;
  return { message, code: reason ?? status, kind: kindOf(reason, status, message), retryAfterMs: durationMs(delay) };
}

/** The failure that an `error` inside a stream tells. Its code is the status that it has outside of one. */
export function streamError(error: unknown): ProviderError {
  const { data } = errorBody.safeParse({ error });
  return eventError('google', data?.error.code ?? 500, readFault({ error }));
}

function kindOf(
  reason: string | null | undefined,
  status: string | null | undefined,
  message: string | null | undefined,
): ProviderErrorKind | undefined {
  if (reason?.startsWith('API_KEY_') || status === 'FAILED_PRECONDITION') return 'auth';
  if (/token count.* exceeds the maximum/i.test(message ?? '')) return 'context-too-long';
  return undefined;
}

/** A `google.protobuf.Duration` in JSON, such as `34.074824224s`. */
function durationMs(duration: string | null | undefined): number | undefined {
  const seconds = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(duration ?? '')?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1_000);
}
