import * as z from 'zod';
import type { OpenRefusal, SealContext } from '../contracts/rpc.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { equalInConstantTime, fromBase64, toBase64Url } from './bytes.ts';

/** Key-encryption keys by id. New envelopes use `primary`; the others still open what they sealed. */
export interface Keyring {
  readonly primary: string;
  readonly keys: ReadonlyMap<string, CryptoKey>;
}

const keyringText = z.object({ primary: z.string().min(1), keys: z.record(z.string().min(1), z.string()) });

const envelope = z.object({
  v: z.literal(1),
  kek: z.string(),
  wrapIv: z.string(),
  wrapped: z.string(),
  iv: z.string(),
  data: z.string(),
  commitment: z.string(),
});

/**
 * Reads a keyring from JSON `{ "primary": "k1", "keys": { "k1": "<base64, 32 bytes>" } }`. Throws when it is not one:
 * a vault without its keys must not start.
 */
export async function importKeyring(json: string): Promise<Keyring> {
  const parsed = keyringText.parse(JSON.parse(json));
  const keys = new Map<string, CryptoKey>();
  for (const [id, text] of Object.entries(parsed.keys)) {
    const bytes = fromBase64(text);
    if (bytes?.length !== 32) throw new Error(`key-encryption key ${id} is not 32 bytes of base64`);
    keys.set(id, await aesKey(bytes, ['encrypt', 'decrypt']));
  }
  if (!keys.has(parsed.primary)) throw new Error('the primary key-encryption key is not in the keyring');
  return { primary: parsed.primary, keys };
}

/**
 * Seals a text for one place in the database: AES-256-GCM under a data key of its own, which is wrapped by the primary
 * key-encryption key. Both layers authenticate the context, and a commitment binds the ciphertext to its data key, so
 * that no second key can open it to something else.
 */
export async function sealEnvelope(keyring: Keyring, context: SealContext, plaintext: string): Promise<string> {
  const kek = keyring.keys.get(keyring.primary);
  if (!kek) throw new Error('the keyring has no primary key');
  const dataKey = crypto.getRandomValues(new Uint8Array(32));
  const additionalData = boundContext(context, keyring.primary);
  const [wrapIv, iv] = [randomIv(), randomIv()];
  const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: wrapIv, additionalData }, kek, dataKey);
  const data = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData },
    await aesKey(dataKey, ['encrypt']),
    new TextEncoder().encode(plaintext),
  );
  return JSON.stringify({
    v: 1,
    kek: keyring.primary,
    wrapIv: toBase64Url(wrapIv),
    wrapped: toBase64Url(new Uint8Array(wrapped)),
    iv: toBase64Url(iv),
    data: toBase64Url(new Uint8Array(data)),
    commitment: await commit(dataKey, additionalData),
  } satisfies z.infer<typeof envelope>);
}

/** Opens an envelope in the context it was sealed for. A changed bit or another context is refused, never guessed at. */
export async function openEnvelope(
  keyring: Keyring,
  context: SealContext,
  sealed: string,
): Promise<Result<string, OpenRefusal>> {
  const parts = readEnvelope(sealed);
  if (!parts) return err({ reason: 'malformed' });
  const kek = keyring.keys.get(parts.kek);
  if (!kek) return err({ reason: 'unknown_key' });
  const additionalData = boundContext(context, parts.kek);
  try {
    const dataKey = new Uint8Array(
      await crypto.subtle.decrypt({ name: 'AES-GCM', iv: parts.wrapIv, additionalData }, kek, parts.wrapped),
    );
    if (!equalInConstantTime(await commit(dataKey, additionalData), parts.commitment)) {
      return err({ reason: 'tampered_or_moved' });
    }
    const plaintext = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: parts.iv, additionalData },
      await aesKey(dataKey, ['decrypt']),
      parts.data,
    );
    return ok(new TextDecoder().decode(plaintext));
  } catch {
    return err({ reason: 'tampered_or_moved' });
  }
}

function readEnvelope(sealed: string) {
  let json: unknown;
  try {
    json = JSON.parse(sealed);
  } catch {
    return null;
  }
  const parsed = envelope.safeParse(json);
  if (!parsed.success) return null;
  const { kek, commitment } = parsed.data;
  const wrapIv = fromBase64(parsed.data.wrapIv);
  const wrapped = fromBase64(parsed.data.wrapped);
  const iv = fromBase64(parsed.data.iv);
  const data = fromBase64(parsed.data.data);
  return wrapIv && wrapped && iv && data ? { kek, commitment, wrapIv, wrapped, iv, data } : null;
}

/** Unambiguous bytes of where a value belongs: a JSON array quotes and separates its parts. */
function boundContext(context: SealContext, kekId: string): Uint8Array {
  const { tenantId, table, column, rowId } = context;
  return new TextEncoder().encode(JSON.stringify(['eufm-envelope', 1, tenantId, table, column, rowId, kekId]));
}

async function commit(dataKey: Uint8Array<ArrayBuffer>, info: Uint8Array): Promise<string> {
  const key = await crypto.subtle.importKey('raw', dataKey, 'HKDF', false, ['deriveBits']);
  const salt = new TextEncoder().encode('eufm-envelope-commitment');
  const bits = await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, 256);
  return toBase64Url(new Uint8Array(bits));
}

function randomIv(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(12));
}

async function aesKey(bytes: Uint8Array<ArrayBuffer>, usages: ('encrypt' | 'decrypt')[]): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, usages);
}
