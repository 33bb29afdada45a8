import { randomBytes } from 'node:crypto';
import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose';
import * as z from 'zod';
import type { GoogleKey } from '../../../shared/crypto/keyring.ts';
import { open, seal } from './mock-aws-kms.ts';
import { type KmsServer, serveKms } from './serve-kms.ts';

const NAME = 'projects/acme/locations/europe-west4/keyRings/eufm/cryptoKeys/vault';
const CLIENT = 'vault@acme.iam.gserviceaccount.com';
const checksum = z.string().regex(/^\d+$/);
const input = z.strictObject({
  plaintext: z.base64().optional(),
  plaintextCrc32c: checksum.optional(),
  ciphertext: z.base64().optional(),
  ciphertextCrc32c: checksum.optional(),
  additionalAuthenticatedData: z.base64(),
  additionalAuthenticatedDataCrc32c: checksum,
});

/** CRC-32C bit by bit, as its polynomial says: another way than the product's table. */
function crc32cOf(bytes: Uint8Array): string {
  let register = 0xffffffffn;
  for (const byte of bytes) {
    register ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) register = register & 1n ? (register >> 1n) ^ 0x82f63b78n : register >> 1n;
  }
  return String(register ^ 0xffffffffn);
}

/**
 * Google Cloud KMS on loopback, as far as it is used. It checks the service account's token, and the checksums of what it
 * is sent. `corrupts` changes what it answers, behind the checksum.
 */
export async function startGoogleKms(): Promise<
  KmsServer & { readonly key: GoogleKey; readonly faults: { corrupts: boolean } }
> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const master = randomBytes(32);
  const faults = { corrupts: false };
  const denial = JSON.stringify({ error: { code: 403, status: 'PERMISSION_DENIED' } });
  const serve = async ({ path, headers, body }: { path: string; headers: Record<string, string>; body: string }) => {
    const refuse = (status: number, reason: string) => ({ status, body: { error: { code: status, status: reason } } });
    const token = headers.authorization?.replace('Bearer ', '') ?? '';
    const { payload, protectedHeader } = await jwtVerify(token, publicKey, {
      issuer: CLIENT,
      subject: CLIENT,
      audience: 'https://cloudkms.googleapis.com/',
      maxTokenAge: 3600,
      clockTolerance: 0,
    });
    if (protectedHeader.kid !== 'key-1' || Number(payload.exp) - Number(payload.iat) > 3600) {
      return refuse(401, 'UNAUTHENTICATED');
    }
    const asked = input.parse(JSON.parse(body));
    const place = Buffer.from(asked.additionalAuthenticatedData, 'base64');
    const isIntact = crc32cOf(place) === asked.additionalAuthenticatedDataCrc32c;
    if (path === `/v1/${NAME}:encrypt`) {
      const bytes = Buffer.from(asked.plaintext ?? '', 'base64');
      const verified = crc32cOf(bytes) === asked.plaintextCrc32c;
      const ciphertext = seal(master, bytes, place.toString());
      const answer = { name: `${NAME}/cryptoKeyVersions/1`, ciphertextCrc32c: crc32cOf(ciphertext) };
      const flags = { verifiedPlaintextCrc32c: verified, verifiedAdditionalAuthenticatedDataCrc32c: isIntact };
      return { status: 200, body: { ...answer, ...flags, ciphertext: shown(ciphertext) } };
    }
    if (path !== `/v1/${NAME}:decrypt`) return refuse(404, 'NOT_FOUND');
    const ciphertext = Buffer.from(asked.ciphertext ?? '', 'base64');
    const opened = open(master, ciphertext, place.toString());
    if (crc32cOf(ciphertext) !== asked.ciphertextCrc32c || !isIntact || !opened) return refuse(400, 'INVALID_ARGUMENT');
    return { status: 200, body: { plaintext: shown(opened), plaintextCrc32c: crc32cOf(opened) } };
  };
  const shown = (bytes: Buffer) => {
    const sent = Buffer.from(bytes);
    if (faults.corrupts) sent[0] = (sent[0] ?? 0) ^ 1;
    return sent.toString('base64');
  };
  const server = await serveKms(denial, serve, 403);
  const key: GoogleKey = {
    ...{ kms: 'google', name: NAME, clientEmail: CLIENT, privateKeyId: 'key-1', endpoint: server.url },
    privateKey: await exportPKCS8(privateKey),
  };
  return Object.assign(server, { key, faults });
}
