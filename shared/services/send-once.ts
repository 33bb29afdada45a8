import { err, ok, type Result } from '../errors/result.ts';
import { UrlNotAllowed } from '../platform/public-fetch.ts';

const TIMEOUT_MS = 10_000;

export interface PostPorts {
  /** Checks each URL and follows no redirect: `publicFetch`. */
  readonly fetch: typeof fetch;
  /** How long an answer asks to wait; undefined: it does not say. */
  retryAfterMs(headers: Headers): number | undefined;
}

/** Why something was not taken, in words for the tenant; what was answered, null where nothing was; and for how long the receiver asked to be left alone. */
export interface SendRefusal {
  readonly reason: string;
  readonly responseCode: number | null;
  readonly retryAfterMs?: number | undefined;
}

/**
 * Sends something once to where a tenant says, and answers the status that it was taken with. Only a 2xx says that it was; a
 * redirect is a failure. Reads nothing of an answer's body.
 */
export async function sendOnce(ports: PostPorts, url: string, init: RequestInit): Promise<Result<number, SendRefusal>> {
  try {
    const response = await ports.fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    const { ok: isTaken, status, headers } = response;
    if (isTaken) return ok(status);
    return err({ reason: `It answered ${status}.`, responseCode: status, retryAfterMs: ports.retryAfterMs(headers) });
  } catch (error) {
    return err({ reason: reasonOf(error), responseCode: null });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof UrlNotAllowed) return 'Its URL is not allowed.';
  const isSlow = error instanceof Error && error.name === 'TimeoutError';
  return isSlow ? `It did not answer within ${TIMEOUT_MS / 1_000} seconds.` : 'It could not be reached.';
}
