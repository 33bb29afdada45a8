import { sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { AuditLogDestinationInput, CreatedAuditLogDestination } from '../contracts/http/audit-log-destinations.ts';
import { newWebhookSecret } from '../crypto/webhook-signature.ts';
import { withTenant } from '../db/with-tenant.ts';
import { ok, type Result } from '../errors/result.ts';
import { AUDIT_LOG_DESTINATIONS, toAuditLogDestination } from './audit-log-destination-fields.ts';
import { type ChangeContext, type ChangeRefusal, insertConfiguration } from './change-configuration.ts';
import type { SealFor } from './provider-account-fields.ts';

/**
 * Adds where checkpoints are sent, with its sealed secret and its audit row. Every checkpoint that is newer than the
 * newest of now will be delivered: the first of them covers that audit row, and with it all that was before.
 */
export async function createAuditLogDestination(
  by: ChangeContext,
  seal: SealFor,
  input: AuditLogDestinationInput,
): Promise<Result<CreatedAuditLogDestination, ChangeRefusal>> {
  const id = uuidv7();
  const { name, kind, url } = input;
  const secret = newWebhookSecret();
  const size = await newestSize(by);
  const row = {
    ...{ id, name, kind, url, newest_size: size, delivered_size: size, failures: 0 },
    ...(input.kind === 's3' && { bucket: input.bucket, region: input.region, access_key_id: input.accessKeyId }),
    encrypted_secret: await seal(id, input.kind === 's3' ? input.secretAccessKey : secret),
  };
  const created = await insertConfiguration(by, AUDIT_LOG_DESTINATIONS, row, {});
  return created.ok
    ? ok({ ...toAuditLogDestination(created.value), secret: kind === 'webhook' ? secret : null })
    : created;
}

async function newestSize({ db, tenantId }: ChangeContext): Promise<number> {
  const [{ rows }] = await withTenant(db, tenantId, (db) => [
    db.execute<{ size: string }>(sql`
      select coalesce(max(size), 0)::text as size from audit_checkpoints where tenant_id = ${tenantId}`),
  ]);
  return Number(rows[0]?.size ?? 0);
}
