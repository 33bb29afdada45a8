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
 * There is a signature by each secret, so that a receiver may have any of them: while one is replaced, the old or the new.
 * Throws when a secret is none of `newWebhookSecret`'s.
 */
export async function signWebhook(secrets: readonly string[], { id, sentAt, body }: WebhookMessage) {
  const timestamp = String(Math.floor(sentAt.getTime() / 1_000));
  const content = `${id}.${timestamp}.${body}`;
  const signatures = await Promise.all(secrets.map((secret) => sign(secret, content)));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.map((signature) => `v1,${signature}`).join(' '),
  };
}

async function sign(secret: string, content: string): Promise<string> {
  const bytes = secret.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length)) : null;
  if (!bytes) throw new Error('not the secret of a webhook');
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return toBase64(new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(content))));
}
