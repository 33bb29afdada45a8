import { err, ok, type Result } from '../errors/result.ts';
import { type JsonLimits, JsonScanner } from './json-scanner.ts';

export type BodyRefusal = 'too_large' | 'too_complex' | 'invalid_json';

type BodyLimits = JsonLimits & { readonly maxBytes: number };

const UTF8 = { fatal: true, ignoreBOM: false } as const;
const WHOLE_TEXT = new TextDecoder('utf-8', UTF8);

/**
 * Reads a JSON body within limits. One that states its length, which the protocol holds it to, is read at once; of any
 * other no more than `maxBytes` and one chunk are taken in, and the limits hold while it arrives. The text must be UTF-8.
 */
export async function readJsonBody(request: Request, limits: BodyLimits): Promise<Result<unknown, BodyRefusal>> {
  const stated = request.headers.get('content-length');
  if (Number(stated) > limits.maxBytes) return err('too_large');
  const text = stated === null ? await readChunks(request, limits) : await readWhole(request, limits);
  if (!text.ok) return text;
  try {
    return ok(JSON.parse(text.value));
  } catch {
    return err('invalid_json');
  }
}

async function readWhole(request: Request, limits: BodyLimits): Promise<Result<string, BodyRefusal>> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.byteLength > limits.maxBytes) return err('too_large');
  if (!new JsonScanner(limits).accept(bytes)) return err('too_complex');
  return decoded(() => WHOLE_TEXT.decode(bytes));
}

async function readChunks({ body }: Request, limits: BodyLimits): Promise<Result<string, BodyRefusal>> {
  if (!body) return err('invalid_json');
  const scanner = new JsonScanner(limits);
  const decoder = new TextDecoder('utf-8', UTF8);
  const reader = body.getReader();
  let total = 0;
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    total += value.byteLength;
    const refusal = total > limits.maxBytes ? 'too_large' : scanner.accept(value) ? null : 'too_complex';
    const piece: Result<string, BodyRefusal> = refusal
      ? err(refusal)
      : decoded(() => decoder.decode(value, { stream: true }));
    if (!piece.ok) {
      await reader.cancel();
      return piece;
    }
    text += piece.value;
  }
  const rest = decoded(() => decoder.decode());
  return rest.ok ? ok(text + rest.value) : rest;
}

function decoded(decode: () => string): Result<string, BodyRefusal> {
  try {
    return ok(decode());
  } catch {
    return err('invalid_json');
  }
}
