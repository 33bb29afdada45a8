import { eq } from 'drizzle-orm';
import type { ApiKey } from '../contracts/http/api-keys.ts';
import type { Database } from '../db/client.ts';
import { apiKeys } from '../db/schema/identity.ts';
import { withTenant } from '../db/with-tenant.ts';
import { API_KEYS, toApiKey } from './api-key-fields.ts';

/** A key as it is in Postgres, revoked and expired ones too; null when the tenant has no such key. */
export async function getApiKey(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly id: string;
}): Promise<ApiKey | null> {
  const { db, tenantId, id } = input;
  const [[row]] = await withTenant(db, tenantId, (db) => [
    db.select({ fields: API_KEYS.fields }).from(apiKeys).where(eq(apiKeys.id, id)),
  ]);
  return row ? toApiKey(row.fields) : null;
}
