import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import type { AwsKey } from '../../../shared/crypto/keyring.ts';
import { Sha256 } from './aws-hash.ts';
import { type KmsServer, serveKms } from './serve-kms.ts';

const encryptionContext = z.record(z.string(), z.string().min(1));
const input = z.object({
  KeyId: z.string(),
  EncryptionContext: encryptionContext,
  KeySpec: z.literal('AES_256').optional(),
  Plaintext: z.base64().optional(),
  CiphertextBlob: z.base64().optional(),
});

/**
 * AWS KMS on loopback, as far as it is used: GenerateDataKey, Encrypt, Decrypt. It checks every signature by signing the
 * request again with AWS's own signer, and binds each ciphertext to its key and encryption context.
 */
export async function startAwsKms(): Promise<KmsServer & { readonly key: AwsKey }> {
  const identity = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const keyId = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const master = randomBytes(32);
  const signer = new SignatureV4({ service: 'kms', region: 'eu-central-1', sha256: Sha256, credentials: identity });
  const server = await serveKms('{"__type":"AccessDeniedException"}', async ({ headers, body, host }) => {
    const fault = (type: string) => ({ status: 400, body: { __type: type } });
    const signed = await signer.sign(
      {
        method: 'POST',
        protocol: 'http:',
        hostname: host,
        path: '/',
        headers: {
          host,
          'content-type': headers['content-type'] ?? '',
          'x-amz-target': headers['x-amz-target'] ?? '',
          'x-amz-date': headers['x-amz-date'] ?? '',
        },
        body,
      },
      { signingDate: readAmzDate(headers['x-amz-date'] ?? ''), unsignableHeaders: new Set(['x-amz-content-sha256']) },
    );
    if (signed.headers.authorization !== headers.authorization) return fault('IncompleteSignatureException');
    const { KeyId, EncryptionContext, Plaintext, CiphertextBlob } = input.parse(JSON.parse(body));
    if (KeyId !== keyId) return fault('NotFoundException');
    const place = JSON.stringify(Object.entries(EncryptionContext).sort());
    const operation = headers['x-amz-target']?.replace('TrentService.', '');
    if (operation === 'Decrypt') {
      const opened = open(master, Buffer.from(CiphertextBlob ?? '', 'base64'), place);
      return opened
        ? { status: 200, body: { KeyId, Plaintext: opened.toString('base64') } }
        : fault('InvalidCiphertextException');
    }
    const bytes = operation === 'GenerateDataKey' ? randomBytes(32) : Buffer.from(Plaintext ?? '', 'base64');
    const blob = seal(master, bytes, place).toString('base64');
    const generated = operation === 'GenerateDataKey' && { Plaintext: bytes.toString('base64') };
    return { status: 200, body: { KeyId, CiphertextBlob: blob, ...generated } };
  });
  const key: AwsKey = { kms: 'aws', region: 'eu-central-1', keyId, ...identity, endpoint: server.url };
  return Object.assign(server, { key });
}

function readAmzDate(text: string): Date {
  return new Date(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

/** As a KMS does it in its own walls. */
export function seal(master: Buffer, bytes: Buffer, place: string): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', master, iv).setAAD(Buffer.from(place));
  return Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

export function open(master: Buffer, blob: Buffer, place: string): Buffer | null {
  try {
    const cipher = createDecipheriv('aes-256-gcm', master, blob.subarray(0, 12)).setAAD(Buffer.from(place));
    cipher.setAuthTag(blob.subarray(-16));
    return Buffer.concat([cipher.update(blob.subarray(12, -16)), cipher.final()]);
  } catch {
    return null;
  }
}
