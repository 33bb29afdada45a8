import { sql } from 'drizzle-orm';
import type { Grantor } from '../auth/key-rights.ts';
import type { ApiKey, ApiKeyChange } from '../contracts/http/api-keys.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { API_KEYS, hasRightsOf, rightsOf, toApiKey, toApiKeyRow } from './api-key-fields.ts';
import { type ChangeContext, type ChangeRefusal, updateConfiguration } from './change-configuration.ts';
import { checkApiKeyFields, checkGrant } from './check-api-key-input.ts';
import { getApiKey } from './get-api-key.ts';

const REVOKED = 'The key is revoked, or was changed at the same time.';

/**
 * Changes fields of a key, with an audit row. Who changes a key needs all the rights that it has then, so that nobody
 * lengthens or loosens what they could not give. Not for revoked keys.
 */
export async function updateApiKey(
  by: ChangeContext,
  grantor: Grantor & { readonly now: number },
  id: string,
  change: ApiKeyChange,
): Promise<Result<ApiKey, ChangeRefusal>> {
  const { scopes, expiresAt } = change;
  const checked = checkApiKeyFields({ ...(scopes && { scopes }), expiresAt: expiresAt ?? null }, grantor.now);
  if (!checked.ok) return checked;
  const key = await getApiKey({ db: by.db, tenantId: by.tenantId, id });
  if (!key) return err({ reason: 'not_found' });
  const granted = checkGrant(rightsOf(key, change), grantor);
  if (!granted.ok) return granted;
  const updated = await updateConfiguration(
    by,
    API_KEYS,
    id,
    toApiKeyRow(change),
    {},
    {
      condition: sql`revoked_at is null and ${hasRightsOf(key)}`,
      blocked: REVOKED,
    },
  );
  return updated.ok ? ok(toApiKey(updated.value)) : updated;
}
