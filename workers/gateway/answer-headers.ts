import { toTraceparent } from '../../shared/platform/trace-context.ts';
import type { AppContext } from './app-context.ts';
import { cacheStatusOf } from './cache-status.ts';

/** What every answer says to browsers. The reference page, which is a document, says more. */
const SECURITY_HEADERS = {
  'strict-transport-security': 'max-age=15552000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'cross-origin',
  vary: 'Origin',
} as const;

const EXPOSED_HEADERS = [
  ...['X-Request-Id', 'traceparent', 'Retry-After', 'RateLimit', 'RateLimit-Policy', 'Cache-Status'],
  ...['X-Eufm-Request-Id', 'X-Eufm-Provider', 'X-Eufm-Model', 'X-Eufm-Cost-Usd', 'X-Eufm-Warnings'],
  ...['Idempotent-Replayed', 'X-Eufm-Original-Request-Id'],
].join(',');

/** The headers of every answer to a request, errors included. */
export function answerHeaders(context: AppContext): Record<string, string> {
  const requestId = context.get('requestId');
  const dialect = context.get('dialect');
  const trace = context.get('trace');
  const headers: Record<string, string> = {
    ...SECURITY_HEADERS,
    'x-request-id': requestId,
    traceparent: toTraceparent(trace),
  };
  if (dialect) headers['x-eufm-request-id'] = requestId; // where clients of other APIs are told to look
  if (dialect === 'anthropic') headers['request-id'] = requestId;
  if (trace.traceState) headers.tracestate = trace.traceState;
  if (context.req.header('cookie') !== undefined) headers['cache-control'] = 'no-store'; // it may be one person's alone
  const rates = context.get('rateFields');
  if (rates) {
    headers['ratelimit-policy'] = rates.policy;
    headers.ratelimit = rates.limit;
  }
  const cacheUse = context.get('cacheUse');
  if (cacheUse) headers['cache-status'] = cacheStatusOf(cacheUse);
  const origin = context.req.header('origin');
  if (origin !== undefined && context.get('ports').settings.corsOrigins.includes(origin)) {
    headers['access-control-allow-origin'] = origin;
    headers['access-control-allow-credentials'] = 'true'; // for the session cookie
    headers['access-control-expose-headers'] = EXPOSED_HEADERS;
  }
  return headers;
}
