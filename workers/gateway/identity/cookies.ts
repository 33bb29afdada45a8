import { getCookie } from 'hono/cookie';
import { SESSION_MAX_AGE_MS } from '../../../shared/auth/session-token.ts';
import type { AppContext } from '../app-context.ts';
import { SIGN_IN_MAX_AGE_MS } from '../constants.ts';

/** `__Host-`: a browser takes it from this very host only, over TLS (or from localhost), for all of its paths. */
export const SESSION_COOKIE = '__Host-eufm_session';
export const SIGN_IN_COOKIE = '__Host-eufm_sign_in';

/** What the request's session cookie holds. */
export function sessionTokenOf(context: AppContext): string | undefined {
  return getCookie(context, SESSION_COOKIE);
}

/** What the request's cookie of a begun sign-in holds. */
export function signInCookieOf(context: AppContext): string | undefined {
  return getCookie(context, SIGN_IN_COOKIE);
}

/** Gives the browser its session, or takes it away (null). Every answer can carry it. */
export function setSessionCookie(context: AppContext, token: string | null): void {
  addCookie(context, SESSION_COOKIE, token, SESSION_MAX_AGE_MS);
}

/** Binds a begun sign-in to the browser, or forgets it (null). */
export function setSignInCookie(context: AppContext, sealed: string | null): void {
  addCookie(context, SIGN_IN_COOKIE, sealed, SIGN_IN_MAX_AGE_MS);
}

function addCookie(context: AppContext, name: string, value: string | null, maxAgeMs: number): void {
  const maxAge = value === null ? 0 : maxAgeMs / 1000;
  const cookie = `${name}=${value ?? ''}; Path=/; Max-Age=${maxAge}; Secure; HttpOnly; SameSite=Lax`;
  context.set('cookies', [...(context.get('cookies') ?? []), cookie]);
}
