import { sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { CreatedWebhookSigningSecret, WebhookSecretRotation } from '../contracts/http/webhook-signing-secrets.ts';
import { newWebhookSecret } from '../crypto/webhook-signature.ts';
import { ok, type Result } from '../errors/result.ts';
import {
  type ChangeContext,
  type ChangeRefusal,
  changeConfiguration,
  insertStatement,
} from './change-configuration.ts';
import type { SealFor } from './provider-account-fields.ts';
import { toWebhookSigningSecret, WEBHOOK_SIGNING_SECRETS } from './webhook-signing-secret-fields.ts';

/**
 * Makes a secret that the tenant's deliveries are signed by from now on, its first or one in the place of those before, which
 * expire after the overlap, or before where they were to. With one audit row; answers the secret, this once.
 */
export async function rotateWebhookSigningSecret(
  by: ChangeContext,
  seal: SealFor,
  { overlapSeconds }: WebhookSecretRotation,
): Promise<Result<CreatedWebhookSigningSecret, ChangeRefusal>> {
  const id = uuidv7();
  const secret = newWebhookSecret();
  const row = { id, encrypted_secret: await seal(id, secret) };
  const also = sql`
    replaced as (
      update webhook_signing_secrets
      set expires_at = least(expires_at, now() + make_interval(secs => ${overlapSeconds}::integer))
      where tenant_id = ${by.tenantId}::uuid and (expires_at is null or expires_at > now())
      returning id
    ),`;
  // Asked for what was replaced, it is written behind that: one at a time is in force.
  const statement = insertStatement(by, WEBHOOK_SIGNING_SECRETS, row, sql`(select count(*) from replaced) >= 0`);
  const created = await changeConfiguration(by, WEBHOOK_SIGNING_SECRETS, { verb: 'created', id, statement, also });
  return created.ok ? ok({ ...toWebhookSigningSecret(created.value), secret }) : created;
}
