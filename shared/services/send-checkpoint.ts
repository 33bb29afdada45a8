import { signAwsRequest } from '../crypto/aws-signature.ts';
import { hexDigestOf } from '../crypto/text-digest.ts';
import { signWebhook } from '../crypto/webhook-signature.ts';
import type { Result } from '../errors/result.ts';
import { type PostPorts, type SendRefusal, sendOnce } from './send-once.ts';

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

export interface SendPorts extends PostPorts {
  readonly now: () => Date;
}

/**
 * Sends one checkpoint once: a POST of the note that is signed by Standard Webhooks, or a PUT of it as
 * `<tenant>/<size>`. Sent again it has the same id, or is the same object.
 */
export async function sendCheckpoint(
  ports: SendPorts,
  target: DeliveryTarget,
  secret: string,
  checkpoint: SentCheckpoint,
): Promise<Result<number, SendRefusal>> {
  const { url, init } = await (target.kind === 's3'
    ? putObject(target, secret, checkpoint, ports.now())
    : postNote(target.url, secret, checkpoint, ports.now()));
  return await sendOnce(ports, url, init);
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

async function postNote(url: string, secret: string, { tenantId, size, note }: SentCheckpoint, sentAt: Date) {
  const headers = await signWebhook([secret], { id: `checkpoint-${tenantId}-${size}`, sentAt, body: note });
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
