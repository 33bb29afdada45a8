import { decryptBytes, encryptBytes } from '../../../shared/crypto/aes-gcm.ts';
import { fromBase64, toBase64Url } from '../../../shared/crypto/bytes.ts';
import { err, ok } from '../../../shared/errors/result.ts';
import { generateHere, type Kms, type WrapContext } from './kms.ts';

const IV_BYTES = 12;

/** A key-encryption key in the Worker's own secret. It wraps one key per tenant and rotation: far fewer than 2^32. */
export function createLocalKms(key: CryptoKey): Kms {
  const wrap: Kms['wrap'] = async (bytes, context) => {
    const { iv, data } = await encryptBytes(key, boundContext(context), bytes);
    return ok(toBase64Url(new Uint8Array([...iv, ...data])));
  };
  return {
    wrap,
    generate: (context) => generateHere({ wrap }, context),
    async unwrap(wrapped, context) {
      const bytes = fromBase64(wrapped);
      if (!bytes || bytes.length <= IV_BYTES) return err({ reason: 'malformed' });
      const parts = { iv: bytes.slice(0, IV_BYTES), data: bytes.slice(IV_BYTES) };
      const unwrapped = await decryptBytes(key, boundContext(context), parts);
      return unwrapped ? ok(unwrapped) : err({ reason: 'tampered_or_moved' });
    },
  };
}

function boundContext({ tenantId, keyId }: WrapContext): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(['eufm-tenant-key', 1, tenantId, keyId]));
}
