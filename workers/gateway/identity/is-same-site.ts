import type { AppContext } from '../app-context.ts';

const READING_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * If a request that carries a session cookie was meant by its person. One that may change something must come from a page
 * of ours or of an origin that is configured, which browsers say and pages cannot forge (Origin, RFC 6454; Fetch Metadata).
 */
export function isMeant(context: AppContext): boolean {
  if (READING_METHODS.includes(context.req.method)) return true;
  const origin = context.req.header('origin');
  if (origin === undefined || context.req.header('sec-fetch-site') === 'cross-site') return false;
  return origin === ownOrigin(context) || context.get('ports').settings.corsOrigins.includes(origin);
}

/** The origin that the request was sent to. */
export function ownOrigin(context: AppContext): string {
  return new URL(context.req.url).origin;
}
