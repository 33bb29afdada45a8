import { toBase64Url } from '../../../shared/crypto/bytes.ts';
import { digestOf } from '../../../shared/crypto/text-digest.ts';
import type { AppContext } from '../app-context.ts';

/** Headers that change what a request does. */
const HEADERS = ['x-env-id', 'x-eufm-policy', 'x-eufm-metadata', 'if-match'] as const;

/**
 * SHA-256 of all that makes a request the same one: who asks, method, path and query, the headers that matter, and the body
 * byte for byte. Another credential makes another request: an answer can hold what only its own asker may see.
 */
export async function fingerprintOf(context: AppContext, actor: unknown): Promise<string> {
  const { method, url } = context.req;
  const { pathname, search } = new URL(url);
  const headers = HEADERS.map((name) => context.req.header(name) ?? null);
  const body = context.get('bodyText') ?? null;
  context.set('bodyText', undefined);
  return toBase64Url(await digestOf(JSON.stringify([actor, method, pathname, search, headers, body])));
}
