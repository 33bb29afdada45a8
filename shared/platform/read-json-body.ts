import { err, ok, type Result } from '../errors/result.ts';
import { type JsonLimits, JsonScanner } from './json-scanner.ts';

export type BodyRefusal = 'too_large' | 'too_complex' | 'invalid_json';

/**
 * Reads a JSON body within limits that hold while it arrives: whatever its length header says, no more than `maxBytes`
 * and one chunk are taken in. The text must be UTF-8.
 */
export async function readJsonBody(
  request: Request,
  limits: JsonLimits & { readonly maxBytes: number },
): Promise<Result<unknown, BodyRefusal>> {
  if (Number(request.headers.get('content-length') ?? 0) > limits.maxBytes) return err('too_large');
  const bytes = await readBytes(request, limits);
  if (!bytes.ok) return bytes;
  try {
    return ok(JSON.parse(bytes.value));
  } catch {
    return err('invalid_json');
  }
}

async function readBytes(
  { body }: Request,
  limits: JsonLimits & { readonly maxBytes: number },
): Promise<Result<string, BodyRefusal>> {
  if (!body) return err('invalid_json');
  const scanner = new JsonScanner(limits);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
  const reader = body.getReader();
  let total = 0;
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    total += value.byteLength;
    const refusal = total > limits.maxBytes ? 'too_large' : scanner.accept(value) ? null : 'too_complex';
    if (refusal) {
      await reader.cancel();
      return err(refusal);
    }
    const decoded = decodeOrNull(() => decoder.decode(value, { stream: true }));
    if (decoded === null) {
      await reader.cancel();
      return err('invalid_json');
    }
    text += decoded;
  }
  const rest = decodeOrNull(() => decoder.decode());
  return rest === null ? err('invalid_json') : ok(text + rest);
}

function decodeOrNull(decode: () => string): string | null {
  try {
    return decode();
  } catch {
    return null;
  }
}
