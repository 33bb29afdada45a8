import { err, ok, type Result } from '../errors/result.ts';
import { joinBytes } from './join-bytes.ts';
import { holdsPrototypeKey } from './prototype-keys.ts';
import { type JsonExcess, type JsonLimits, scanJson } from './scan-json.ts';

export type BodyRefusal = 'too_large' | 'broken_off' | 'invalid_json' | 'prototype_key' | JsonExcess['problem'];

type BodyLimits = JsonLimits & { readonly maxBytes: number };

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/**
 * Reads a JSON body within limits: the one place where a request's JSON is parsed. A body that states its length, which
 * the protocol holds it to, is read at once; of any other no more than `maxBytes` and one chunk are taken in. The text
 * must be UTF-8; it is parsed only once it is known to be within the limits. Takes the last of duplicate keys. Hands a text
 * that is within the limits to `keepText`.
 */
export async function readJsonBody(
  request: Request,
  limits: BodyLimits,
  keepText?: (text: string) => void,
): Promise<Result<unknown, BodyRefusal>> {
  const { maxBytes } = limits;
  const stated = request.headers.get('content-length');
  if (Number(stated) > maxBytes) return err('too_large');
  const bytes = await readBytes(request, stated === null ? maxBytes : null).catch(() => 'broken_off' as const);
  if (bytes === 'broken_off') return err(bytes);
  if (bytes === null || bytes.byteLength > maxBytes) return err('too_large');
  return parseJson(bytes, limits, keepText);
}

function parseJson(
  bytes: ArrayBuffer | Uint8Array,
  limits: JsonLimits,
  keepText?: (text: string) => void,
): Result<unknown, BodyRefusal> {
  try {
    const text = UTF8.decode(bytes);
    const excess = scanJson(text, limits);
    if (excess !== null) return err(excess.problem);
    keepText?.(text);
    const value: unknown = JSON.parse(text);
    return holdsPrototypeKey(value) ? err('prototype_key') : ok(value);
  } catch {
    return err('invalid_json');
  }
}

/** All of the body, or with `maxBytes` no more than `readChunks` reads. Rejects where the connection ends before the body. */
async function readBytes(request: Request, maxBytes: number | null): Promise<ArrayBuffer | Uint8Array | null> {
  return maxBytes === null ? await request.arrayBuffer() : await readChunks(request, maxBytes);
}

/** Null, and nothing more is read, once there are more bytes than `maxBytes`. */
async function readChunks({ body }: Request, maxBytes: number): Promise<Uint8Array | null> {
  if (!body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  const reader = body.getReader();
  let total = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    total += read.value.byteLength;
    if (total > maxBytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(read.value);
  }
  return joinBytes(chunks);
}
