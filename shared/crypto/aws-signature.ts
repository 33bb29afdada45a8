import { toHex } from './bytes.ts';
import { hexDigestOf } from './text-digest.ts';

/** What a signature needs to know of who asks. */
export interface AwsIdentity {
  readonly region: string;
  readonly service: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A request to be signed. `path` is as it is sent: what in it is no unreserved character is percent-encoded, once. */
export interface AwsRequest {
  readonly method: 'POST' | 'PUT';
  readonly host: string;
  readonly path: string;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Headers of a signed request to an endpoint that speaks AWS's Signature Version 4: those given, with date, token and
 * signature (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). Signs no query.
 * S3 wants the body's hash in `x-amz-content-sha256` too, which is the caller's to set.
 */
export async function signAwsRequest(
  { region, service, accessKeyId, secretAccessKey, sessionToken }: AwsIdentity,
  { method, host, path, headers, body }: AwsRequest,
  now: Date,
): Promise<Record<string, string>> {
  const time = `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const date = time.slice(0, 8);
  const sent = { ...headers, 'x-amz-date': time, ...(sessionToken && { 'x-amz-security-token': sessionToken }) };
  const signed = Object.entries({ ...sent, host }).sort(([left], [right]) => (left < right ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const lines = signed.map(([name, value]) => `${name}:${value.trim()}\n`).join('');
  const canonical = [method, path, '', lines, names, await hexDigestOf(body)].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, await hexDigestOf(canonical)].join('\n');
  let key: Uint8Array = new TextEncoder().encode(`AWS4${secretAccessKey}`);
  for (const part of [date, region, service, 'aws4_request']) key = await hmac(key, part);
  const signature = toHex(await hmac(key, toSign));
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...sent, authorization };
}

async function hmac(bytes: Uint8Array, text: string): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text)));
}
