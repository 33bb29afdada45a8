import * as z from 'zod';
import { importAesKey } from './aes-gcm.ts';
import { fromBase64 } from './bytes.ts';

const endpoint = z
  .url()
  .refine((text) => /^(https:|http:\/\/(127\.0\.0\.1|localhost)[:/])/.test(text), { error: 'must be HTTPS' })
  .exactOptional();

/** A key of AWS KMS, and the IAM user or role that may use it. */
export const awsKey = z.strictObject({
  kms: z.literal('aws'),
  region: z.string().regex(/^[a-z0-9-]+$/),
  /** ARN, id or alias. */
  keyId: z.string().min(1),
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  sessionToken: z.string().min(1).exactOptional(),
  endpoint,
});
export type AwsKey = z.infer<typeof awsKey>;

/** A key of Google Cloud KMS, and the service account that may use it: its fields are those of the account's JSON file. */
export const googleKey = z.strictObject({
  kms: z.literal('google'),
  name: z.string().regex(/^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/),
  clientEmail: z.string().min(1),
  privateKeyId: z.string().min(1),
  privateKey: z.string().includes('PRIVATE KEY'),
  endpoint,
});
export type GoogleKey = z.infer<typeof googleKey>;

/** A key-encryption key that a KMS keeps. */
export const kmsKey = z.discriminatedUnion('kms', [awsKey, googleKey]);

/**
 * The vault's keys by id, as its secret has them: 32 bytes of base64, or a key of a KMS with what may use it. New tenant
 * keys are wrapped by `primary`; the others still open what they wrapped.
 */
export const keyring = z
  .strictObject({ primary: z.string().min(1), keys: z.record(z.string().min(1), z.union([z.string(), kmsKey])) })
  .refine(({ primary, keys }) => Object.hasOwn(keys, primary), { error: 'the primary key is not among the keys' });
export type KeyringText = z.infer<typeof keyring>;

/** Reads a keyring from JSON. Throws when it is not one: a vault without its keys must not start. */
export function parseKeyring(json: string): KeyringText {
  return keyring.parse(JSON.parse(json));
}

/** The key of a keyring's local entry. Throws when it is not one. */
export async function importLocalKey(id: string, text: string): Promise<CryptoKey> {
  const bytes = fromBase64(text);
  if (bytes?.length !== 32) throw new Error(`key-encryption key ${id} is not 32 bytes of base64`);
  return importAesKey(bytes);
}
