import { fromBase64, toBase64 } from './bytes.ts';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** A message as it goes to a webhook. The same message has the same `id`, however often it is sent. */
export interface WebhookMessage {
  readonly id: string;
  readonly sentAt: Date;
  readonly body: string;
}

/** A new secret as receivers keep it: `whsec_` and 32 random bytes in base64. */
export function newWebhookSecret(): string {
  return PREFIX + toBase64(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
}

/**
 * The headers that prove where a message is from and when it was sent, by Standard Webhooks
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): HMAC-SHA-256, `v1`. A
 * receiver compares the body's bytes as they came, refuses a time that is minutes away, and drops an id that it has seen.
 * Throws when `secret` is none of `newWebhookSecret`'s.
 */
export async function signWebhook(secret: string, { id, sentAt, body }: WebhookMessage) {
  const bytes = secret.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length)) : null;
  if (!bytes) throw new Error('not the secret of a webhook');
  const timestamp = String(Math.floor(sentAt.getTime() / 1_000));
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signed = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(`${id}.${timestamp}.${body}`));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${toBase64(new Uint8Array(signed))}`,
  };
}
