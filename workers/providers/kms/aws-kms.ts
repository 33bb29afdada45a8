import * as z from 'zod';
import type { OpenRefusal } from '../../../shared/contracts/rpc.ts';
import { signAwsRequest } from '../../../shared/crypto/aws-signature.ts';
import { fromBase64, toBase64 } from '../../../shared/crypto/bytes.ts';
import type { AwsKey } from '../../../shared/crypto/keyring.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { askKms } from './ask-kms.ts';
import type { Kms, WrapContext } from './kms.ts';

interface AwsKmsOptions {
  readonly key: AwsKey;
  readonly fetch: typeof fetch;
  readonly now: () => Date;
}

const base64 = z.string().transform((text, context) => {
  const bytes = fromBase64(text);
  if (bytes) return bytes;
  context.addIssue('is not base64');
  return z.NEVER;
});
const generated = z.object({ CiphertextBlob: z.string().min(1), Plaintext: base64 });
const encrypted = z.object({ CiphertextBlob: z.string().min(1) });
const decrypted = z.object({ Plaintext: base64 });
const fault = z.object({ __type: z.string() });

/** What passes by itself; any other refusal is the key's, the identity's or the request's. */
const PASSING = ['ThrottlingException', 'DependencyTimeoutException', 'KMSInternalException', 'LimitExceededException'];

/** A key of AWS KMS (https://docs.aws.amazon.com/kms/latest/APIReference). The context is its encryption context. */
export function createAwsKms(options: AwsKmsOptions): Kms {
  const { keyId: KeyId } = options.key;
  return {
    async generate(context) {
      const input = { KeyId, KeySpec: 'AES_256', EncryptionContext: encryptionContext(context) };
      const answer = await call(options, 'GenerateDataKey', input, generated);
      if (!answer.ok) return answer;
      return ok({ bytes: answer.value.Plaintext, wrapped: answer.value.CiphertextBlob });
    },
    async wrap(bytes, context) {
      const input = { KeyId, Plaintext: toBase64(bytes), EncryptionContext: encryptionContext(context) };
      const answer = await call(options, 'Encrypt', input, encrypted);
      return answer.ok ? ok(answer.value.CiphertextBlob) : answer;
    },
    async unwrap(wrapped, context) {
      const input = { KeyId, CiphertextBlob: wrapped, EncryptionContext: encryptionContext(context) };
      const answer = await call(options, 'Decrypt', input, decrypted);
      return answer.ok ? ok(answer.value.Plaintext) : answer;
    },
  };
}

function encryptionContext({ tenantId, keyId }: WrapContext): Record<string, string> {
  return { 'eufm:tenant': tenantId, 'eufm:key': keyId };
}

async function call<T>(
  { key, fetch, now }: AwsKmsOptions,
  operation: string,
  input: object,
  shape: z.ZodType<T>,
): Promise<Result<T, OpenRefusal>> {
  const { region, accessKeyId, secretAccessKey, sessionToken } = key;
  const url = new URL(key.endpoint ?? `https://kms.${region}.amazonaws.com/`);
  const body = JSON.stringify(input);
  const headers = await signAwsRequest(
    { region, service: 'kms', accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
    {
      method: 'POST',
      host: url.host,
      path: '/',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${operation}` },
      body,
    },
    now(),
  );
  const answer = await askKms(fetch, url.href, { headers, body });
  if (answer?.status === 200) {
    const parsed = shape.safeParse(answer.body);
    return parsed.success ? ok(parsed.data) : err({ reason: 'unavailable' });
  }
  return err({ reason: refusalOf(answer?.status, answer?.body) });
}

function refusalOf(status: number | undefined, body: unknown): OpenRefusal['reason'] {
  const type = fault.safeParse(body).data?.__type.split('#').at(-1) ?? '';
  if (status === undefined || status >= 500 || PASSING.includes(type) || type === '') return 'unavailable';
  return type === 'InvalidCiphertextException' ? 'tampered_or_moved' : 'key_denied';
}
