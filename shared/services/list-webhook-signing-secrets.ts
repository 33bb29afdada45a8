import { sql } from 'drizzle-orm';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { WebhookSigningSecret } from '../contracts/http/webhook-signing-secrets.ts';
import type { Database } from '../db/client.ts';
import { listConfiguration } from './list-configuration.ts';
import { toWebhookSigningSecret, WEBHOOK_SIGNING_SECRETS } from './webhook-signing-secret-fields.ts';

/** A page of what a tenant's deliveries are signed by now, oldest first. */
export async function listWebhookSigningSecrets(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly page: PageQuery;
}): Promise<Page<WebhookSigningSecret>> {
  const condition = sql`(expires_at is null or expires_at > now())`;
  const { data, nextCursor } = await listConfiguration({ ...input, kind: WEBHOOK_SIGNING_SECRETS, condition });
  return { data: data.map(toWebhookSigningSecret), nextCursor };
}
