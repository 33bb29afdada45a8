import { sql } from 'drizzle-orm';
import { type WebhookSigningSecret, webhookSigningSecret } from '../contracts/http/webhook-signing-secrets.ts';
import { webhookSigningSecrets } from '../db/schema/outbound.ts';
import type { ConfigurationTable } from './change-configuration.ts';
import { createdAtText, isoText } from './configuration-columns.ts';

/** Nothing of the secret. */
export const WEBHOOK_SIGNING_SECRETS: ConfigurationTable = {
  table: webhookSigningSecrets,
  target: 'webhook_signing_secret',
  fields: sql`jsonb_build_object('id', id, 'createdAt', ${createdAtText}, 'expiresAt', ${isoText('expires_at')})`,
};

/** A row's fields as clients see them. */
export function toWebhookSigningSecret(fields: unknown): WebhookSigningSecret {
  return webhookSigningSecret.parse(fields);
}
