import * as z from 'zod';
import type { OpenRefusal, SealContext } from '../contracts/rpc.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { decryptBytes, encryptBytes, importAesKey } from './aes-gcm.ts';
import { equalInConstantTime, fromBase64, toBase64Url } from './bytes.ts';
import { commitToKey } from './key-commitment.ts';

/** A tenant's own key. Nothing is encrypted with it: each envelope's wrapping key is derived from it. */
export interface TenantKey {
  readonly id: string;
  readonly key: CryptoKey;
}

const envelope = z.strictObject({
  v: z.literal(2),
  key: z.uuid(),
  salt: z.string(),
  wrapIv: z.string(),
  wrapped: z.string(),
  iv: z.string(),
  data: z.string(),
  commitment: z.string(),
});

/** A tenant's key from its 32 bytes. */
export async function importTenantKey(id: string, bytes: Uint8Array<ArrayBuffer>): Promise<TenantKey> {
  return { id, key: await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey']) };
}

/**
 * Seals a text for one place and one purpose: AES-256-GCM under a data key of its own. That key is wrapped by one that is
 * derived from the tenant's key for this envelope alone (HKDF-SHA-256, RFC 5869, 256 random bits of salt), so that no key
 * is used twice, however much a tenant seals. Both layers authenticate the context, the wrapping the tenant key's id too,
 * and a commitment binds the ciphertext to its data key. It does not tell an older value of the same place from a newer.
 */
export async function sealEnvelope(tenantKey: TenantKey, context: SealContext, plaintext: string): Promise<string> {
  const dataKey = crypto.getRandomValues(new Uint8Array(32));
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const [place, wrapPlace] = placesOf(context, tenantKey.id);
  const wrapped = await encryptBytes(await wrappingKey(tenantKey, salt, wrapPlace), wrapPlace, dataKey);
  const sealed = await encryptBytes(await importAesKey(dataKey), place, new TextEncoder().encode(plaintext));
  return JSON.stringify({
    v: 2,
    key: tenantKey.id,
    salt: toBase64Url(salt),
    wrapIv: toBase64Url(wrapped.iv),
    wrapped: toBase64Url(wrapped.data),
    iv: toBase64Url(sealed.iv),
    data: toBase64Url(sealed.data),
    commitment: await commitToKey(dataKey, place),
  } satisfies z.infer<typeof envelope>);
}

/** Opens an envelope in the context that it was sealed for. A changed bit or another context is refused. */
export async function openEnvelope(
  tenantKey: TenantKey,
  context: SealContext,
  sealed: string,
): Promise<Result<string, OpenRefusal>> {
  const parts = readEnvelope(sealed);
  if (!parts) return err({ reason: 'malformed' });
  if (parts.key !== tenantKey.id) return err({ reason: 'unknown_key' });
  const [place, wrapPlace] = placesOf(context, tenantKey.id);
  const dataKey = await decryptBytes(await wrappingKey(tenantKey, parts.salt, wrapPlace), wrapPlace, parts.wrapped);
  if (dataKey?.length !== 32 || !equalInConstantTime(await commitToKey(dataKey, place), parts.commitment)) {
    return err({ reason: 'tampered_or_moved' });
  }
  const plaintext = await decryptBytes(await importAesKey(dataKey), place, parts.sealed);
  return plaintext ? ok(new TextDecoder().decode(plaintext)) : err({ reason: 'tampered_or_moved' });
}

/** The parts of an envelope; null for a text that is none, one that is spelt in another way than it was written included. */
function readEnvelope(text: string) {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = envelope.safeParse(json);
  if (!parsed.success || JSON.stringify(parsed.data) !== text) return null;
  const { key, commitment } = parsed.data;
  const [salt, wrapIv, wrapped, iv, data] = (['salt', 'wrapIv', 'wrapped', 'iv', 'data'] as const).map((name) =>
    readCanonical(parsed.data[name]),
  );
  if (!salt || !wrapIv || !wrapped || !iv || !data) return null;
  return { key, commitment, salt, wrapped: { iv: wrapIv, data: wrapped }, sealed: { iv, data } };
}

/** Base64url has spellings that differ in bits which nobody reads: only the one that is written is read. */
function readCanonical(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = fromBase64(text);
  return bytes && toBase64Url(bytes) === text ? bytes : null;
}

/** Unambiguous bytes of where a value belongs, alone and with the key: a JSON array quotes and separates its parts. */
function placesOf({ tenantId, table, column, rowId, purpose }: SealContext, keyId: string) {
  const place = ['eufm-envelope', 2, tenantId, table, column, rowId, purpose];
  return [bytesOf(place), bytesOf([...place, keyId])] as const;
}

function bytesOf(parts: readonly (string | number)[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(parts));
}

function wrappingKey({ key }: TenantKey, salt: Uint8Array<ArrayBuffer>, info: Uint8Array): Promise<CryptoKey> {
  const derived = { name: 'AES-GCM', length: 256 };
  return crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, derived, false, [
    'encrypt',
    'decrypt',
  ]);
}
