import { toBase64Url } from '../crypto/bytes.ts';
import { digestOf } from '../crypto/text-digest.ts';

const TOKEN_BYTES = 32;
const SHAPE = /^[0-9A-Za-z_-]{43}$/;

/** A session ends when it was not used for this long, and this long after the sign-in however much it is used. */
export const SESSION_IDLE_MS = 30 * 60_000;
export const SESSION_MAX_AGE_MS = 12 * 60 * 60_000;

/** How exactly a session's last use is known: written no more often than this. */
export const SESSION_SEEN_STEP_MS = 60_000;

/** A new session's token: 256 random bits. It is stored nowhere but in its browser's cookie. */
export function mintSessionToken(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
}

/** SHA-256 of a token, in base64url: the only form in which it is stored. Null: the text cannot be a token. */
export async function hashSessionToken(token: string): Promise<string | null> {
  if (!SHAPE.test(token)) return null;
  return toBase64Url(await digestOf(token));
}
