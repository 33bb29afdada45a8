import { fromBase64, toBase64Url } from '../../../shared/crypto/bytes.ts';
import { signInContext } from '../../../shared/crypto/seal-contexts.ts';
import type { AppContext } from '../app-context.ts';
import { type SignInAttempt, signInAttempt } from './relying-party.ts';

/** The attempt as a cookie's value that its browser can neither read nor change. */
export async function sealAttempt(context: AppContext, attempt: SignInAttempt): Promise<string> {
  const sealed = await context.get('ports').vault.seal(signInContext(attempt.state), JSON.stringify(attempt));
  return toBase64Url(new TextEncoder().encode(sealed));
}

/** Reads it again, for the state that came back; null when it is another's, was changed, or its time is over. */
export async function openAttempt(context: AppContext, cookie: string, state: string): Promise<SignInAttempt | null> {
  const { vault, now } = context.get('ports');
  const bytes = fromBase64(cookie);
  if (!bytes) return null;
  const opened = await vault.open(signInContext(state), new TextDecoder().decode(bytes));
  if (!opened.ok) return null;
  const attempt = signInAttempt.parse(JSON.parse(opened.value));
  return attempt.state === state && now() < attempt.expiresAt ? attempt : null;
}
