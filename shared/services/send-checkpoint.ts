import { signAwsRequest } from '../crypto/aws-signature.ts';
import { hexDigestOf } from '../crypto/text-digest.ts';
import { signWebhook } from '../crypto/webhook-signature.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { UrlNotAllowed } from '../platform/public-fetch.ts';

const TIMEOUT_MS = 10_000;
/** Digits of the largest size, so that a bucket lists checkpoints in the order of sizes. */
const SIZE_DIGITS = 16;

/** Where a checkpoint goes: a webhook's URL, or a bucket at an endpoint that speaks S3's API. */
export type DeliveryTarget =
  | { readonly kind: 'webhook'; readonly url: string }
  | {
      readonly kind: 's3';
      readonly url: string;
      readonly bucket: string;
      readonly region: string;
      readonly accessKeyId: string;
    };

export interface SentCheckpoint {
  readonly tenantId: string;
  readonly size: number;
  /** The signed note. */
  readonly note: string;
}

export interface SendPorts {
  /** Checks each URL and follows no redirect: `publicFetch`. */
  readonly fetch: typeof fetch;
  /** How long an answer asks to wait; undefined: it does not say. */
  retryAfterMs(headers: Headers): number | undefined;
  readonly now: () => Date;
}

/** Why a checkpoint was not taken, in words for the tenant, and how long the receiver asked to be left alone. */
export interface SendRefusal {
  readonly reason: string;
  readonly retryAfterMs?: number | undefined;
}

/**
 * Sends one checkpoint once: a POST of the note that is signed by Standard Webhooks, or a PUT of it as
 * `<tenant>/<size>`. Sent again it has the same id, or is the same object. Only a 2xx says that it was taken; a redirect
 * is a failure. Reads nothing of an answer's body.
 */
export async function sendCheckpoint(
  ports: SendPorts,
  target: DeliveryTarget,
  secret: string,
  checkpoint: SentCheckpoint,
): Promise<Result<null, SendRefusal>> {
  const { url, init } = await (target.kind === 's3'
    ? putObject(target, secret, checkpoint, ports.now())
    : postNote(target.url, secret, checkpoint, ports.now()));
  try {
    const response = await ports.fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    if (response.ok) return ok(null);
    return err({ reason: `It answered ${response.status}.`, retryAfterMs: ports.retryAfterMs(response.headers) });
  } catch (error) {
    return err({ reason: reasonOf(error) });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof UrlNotAllowed) return 'Its URL is not allowed.';
  const isSlow = error instanceof Error && error.name === 'TimeoutError';
  return isSlow ? `It did not answer within ${TIMEOUT_MS / 1_000} seconds.` : 'It could not be reached.';
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

async function postNote(url: string, secret: string, { tenantId, size, note }: SentCheckpoint, sentAt: Date) {
  const headers = await signWebhook(secret, { id: `checkpoint-${tenantId}-${size}`, sentAt, body: note });
  return { url, init: { method: 'POST', headers: { ...TEXT, ...headers }, body: note } };
}

/** The checksum is what buckets under an object lock ask for. */
async function putObject(
  { url: endpoint, bucket, region, accessKeyId }: Extract<DeliveryTarget, { kind: 's3' }>,
  secretAccessKey: string,
  { tenantId, size, note }: SentCheckpoint,
  now: Date,
) {
  const { origin, host, pathname } = new URL(endpoint);
  const path = `${pathname.replace(/\/$/, '')}/${bucket}/${tenantId}/${String(size).padStart(SIZE_DIGITS, '0')}`;
  const hash = await hexDigestOf(note);
  const checksum = btoa(String.fromCharCode(...(hash.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))));
  const headers = await signAwsRequest(
    { region, service: 's3', accessKeyId, secretAccessKey },
    {
      ...{ method: 'PUT', host, path, body: note },
      headers: { ...TEXT, 'x-amz-content-sha256': hash, 'x-amz-checksum-sha256': checksum },
    },
    now,
  );
  return { url: `${origin}${path}`, init: { method: 'PUT', headers, body: note } };
}
