import * as z from 'zod';
import type { OpenRefusal, SealContext } from '../contracts/rpc.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { decryptBytes, encryptBytes, importAesKey } from './aes-gcm.ts';
import { equalInConstantTime, fromBase64, toBase64Url } from './bytes.ts';
import { commitToKey } from './key-commitment.ts';
import { importLocalKey, parseKeyring } from './keyring.ts';

/** A local key-encryption key and its id. */
export interface DirectKey {
  readonly id: string;
  readonly key: CryptoKey;
}

/** The primary key of a keyring's text. Throws when a KMS keeps it. */
export async function localPrimary(json: string): Promise<DirectKey> {
  const { primary, keys } = parseKeyring(json);
  const text = keys[primary];
  if (typeof text !== 'string') throw new Error(`the primary key-encryption key ${primary} is not a local one`);
  return { id: primary, key: await importLocalKey(primary, text) };
}

const envelope = z.strictObject({
  v: z.literal(1),
  kek: z.string(),
  wrapIv: z.string(),
  wrapped: z.string(),
  iv: z.string(),
  data: z.string(),
  commitment: z.string(),
});

/** If a text looks like a direct envelope. */
export function isDirectEnvelope(sealed: string): boolean {
  return sealed.startsWith(DIRECT_ENVELOPE_START);
}

/** What every direct envelope begins with. */
export const DIRECT_ENVELOPE_START = '{"v":1,';

/**
 * Seals a text for one place in the database directly under a local key-encryption key: what was done before tenants had
 * keys, and what seeds rows where no vault runs. Erasing its tenant does not make it unreadable; the job `rewrap-keys`
 * seals it again under the tenant's key.
 */
export async function sealDirectly(kek: DirectKey, context: SealContext, plaintext: string): Promise<string> {
  const dataKey = crypto.getRandomValues(new Uint8Array(32));
  const place = boundContext(context, kek.id);
  const wrapped = await encryptBytes(kek.key, place, dataKey);
  const sealed = await encryptBytes(await importAesKey(dataKey), place, new TextEncoder().encode(plaintext));
  return JSON.stringify({
    v: 1,
    kek: kek.id,
    wrapIv: toBase64Url(wrapped.iv),
    wrapped: toBase64Url(wrapped.data),
    iv: toBase64Url(sealed.iv),
    data: toBase64Url(sealed.data),
    commitment: await commitToKey(dataKey, place),
  } satisfies z.infer<typeof envelope>);
}

/** Opens a direct envelope in the context that it was sealed for. A changed bit or another context is refused. */
export async function openDirectly(
  keks: ReadonlyMap<string, CryptoKey>,
  context: SealContext,
  sealed: string,
): Promise<Result<string, OpenRefusal>> {
  const parts = readEnvelope(sealed);
  if (!parts) return err({ reason: 'malformed' });
  const kek = keks.get(parts.kek);
  if (!kek) return err({ reason: 'unknown_key' });
  const place = boundContext(context, parts.kek);
  const dataKey = await decryptBytes(kek, place, parts.wrapped);
  if (dataKey?.length !== 32 || !equalInConstantTime(await commitToKey(dataKey, place), parts.commitment)) {
    return err({ reason: 'tampered_or_moved' });
  }
  const plaintext = await decryptBytes(await importAesKey(dataKey), place, parts.sealed);
  return plaintext ? ok(new TextDecoder().decode(plaintext)) : err({ reason: 'tampered_or_moved' });
}

function readEnvelope(text: string) {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = envelope.safeParse(json);
  if (!parsed.success) return null;
  const { kek, commitment } = parsed.data;
  const [wrapIv, wrapped, iv, data] = (['wrapIv', 'wrapped', 'iv', 'data'] as const).map((name) =>
    fromBase64(parsed.data[name]),
  );
  if (!wrapIv || !wrapped || !iv || !data) return null;
  return { kek, commitment, wrapped: { iv: wrapIv, data: wrapped }, sealed: { iv, data } };
}

/** Without the purpose, which this form does not know. */
function boundContext({ tenantId, table, column, rowId }: SealContext, kekId: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(['eufm-envelope', 1, tenantId, table, column, rowId, kekId]));
}
