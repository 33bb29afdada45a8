import { importPKCS8, SignJWT } from 'jose';
import * as z from 'zod';
import type { OpenRefusal } from '../../../shared/contracts/rpc.ts';
import { fromBase64, toBase64 } from '../../../shared/crypto/bytes.ts';
import { crc32c } from '../../../shared/crypto/crc32c.ts';
import type { GoogleKey } from '../../../shared/crypto/keyring.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { askKms } from './ask-kms.ts';
import { generateHere, type Kms, type WrapContext } from './kms.ts';

interface GoogleKmsOptions {
  readonly key: GoogleKey;
  readonly fetch: typeof fetch;
  readonly now: () => Date;
}

const ORIGIN = 'https://cloudkms.googleapis.com';
/** Google takes no token that is good for longer than an hour. */
const TOKEN_SECONDS = 300;

const encrypted = z.object({
  ciphertext: z.string().min(1),
  ciphertextCrc32c: z.string(),
  verifiedPlaintextCrc32c: z.literal(true),
  verifiedAdditionalAuthenticatedDataCrc32c: z.literal(true),
});
const decrypted = z.object({ plaintext: z.string(), plaintextCrc32c: z.string() });
const fault = z.object({ error: z.object({ status: z.string() }) });

/**
 * A key of Google Cloud KMS (https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys).
 * The context is the additional authenticated data. Both ways are checked by CRC32C, as Google asks: what was changed
 * underway is `unavailable`, and is to be asked again.
 */
export function createGoogleKms(options: GoogleKmsOptions): Kms {
  const wrap: Kms['wrap'] = async (bytes, context) => {
    const answer = await call(options, 'encrypt', { ...checked('plaintext', bytes), ...bound(context) }, encrypted);
    if (!answer.ok) return answer;
    const { ciphertext, ciphertextCrc32c } = answer.value;
    return readChecked(ciphertext, ciphertextCrc32c) ? ok(ciphertext) : err({ reason: 'unavailable' });
  };
  return {
    wrap,
    generate: (context) => generateHere({ wrap }, context),
    async unwrap(wrapped, context) {
      const ciphertext = fromBase64(wrapped);
      if (!ciphertext) return err({ reason: 'malformed' });
      const input = { ...checked('ciphertext', ciphertext), ...bound(context) };
      const answer = await call(options, 'decrypt', input, decrypted);
      if (!answer.ok) return answer;
      const bytes = readChecked(answer.value.plaintext, answer.value.plaintextCrc32c);
      return bytes ? ok(bytes) : err({ reason: 'unavailable' });
    },
  };
}

function bound({ tenantId, keyId }: WrapContext): Record<string, string> {
  const bytes = new TextEncoder().encode(JSON.stringify(['eufm-tenant-key', 1, tenantId, keyId]));
  return checked('additionalAuthenticatedData', bytes);
}

/** A field of bytes with its checksum: an int64, which is a text in Google's JSON. */
function checked(name: string, bytes: Uint8Array): Record<string, string> {
  return { [name]: toBase64(bytes), [`${name}Crc32c`]: String(crc32c(bytes)) };
}

function readChecked(text: string, checksum: string): Uint8Array<ArrayBuffer> | null {
  const bytes = fromBase64(text);
  return bytes && String(crc32c(bytes)) === checksum ? bytes : null;
}

async function call<T>(
  { key, fetch, now }: GoogleKmsOptions,
  verb: 'encrypt' | 'decrypt',
  input: object,
  shape: z.ZodType<T>,
): Promise<Result<T, OpenRefusal>> {
  const headers = { authorization: `Bearer ${await signToken(key, now())}`, 'content-type': 'application/json' };
  const url = `${key.endpoint ?? ORIGIN}/v1/${key.name}:${verb}`;
  const answer = await askKms(fetch, url, { headers, body: JSON.stringify(input) });
  if (answer?.status === 200) {
    const parsed = shape.safeParse(answer.body);
    return parsed.success ? ok(parsed.data) : err({ reason: 'unavailable' });
  }
  return err({ reason: refusalOf(answer?.status, answer?.body) });
}

/** A token that the service account signs for this API itself (https://google.aip.dev/auth/4111): nobody is asked for it. */
async function signToken({ clientEmail, privateKeyId, privateKey }: GoogleKey, now: Date): Promise<string> {
  const seconds = Math.floor(now.getTime() / 1000);
  return await new SignJWT()
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: privateKeyId })
    .setIssuer(clientEmail)
    .setSubject(clientEmail)
    .setAudience(`${ORIGIN}/`)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + TOKEN_SECONDS)
    .sign(await importPKCS8(privateKey, 'RS256'));
}

/** A 400 is a ciphertext that is not this key's, or not with this context; but for one about the state of the key. */
function refusalOf(status: number | undefined, body: unknown): OpenRefusal['reason'] {
  if (status === undefined || status >= 500 || status === 429) return 'unavailable';
  const reason = fault.safeParse(body).data?.error.status;
  return status === 400 && reason === 'INVALID_ARGUMENT' ? 'tampered_or_moved' : 'key_denied';
}
