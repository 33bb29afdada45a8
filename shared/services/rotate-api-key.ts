import { eq, sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Grantor } from '../auth/key-rights.ts';
import type { ApiKey, ApiKeyRotation, CreatedApiKey } from '../contracts/http/api-keys.ts';
import { environments } from '../db/schema/tenancy.ts';
import { withTenant } from '../db/with-tenant.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { API_KEYS, hasRightsOf, type MintKey, rightsOf, toApiKey, toApiKeyRow } from './api-key-fields.ts';
import {
  type ChangeContext,
  type ChangeRefusal,
  changeConfiguration,
  insertStatement,
  isRow,
  type Row,
} from './change-configuration.ts';
import { checkApiKeyFields, checkGrant } from './check-api-key-input.ts';
import { getApiKey } from './get-api-key.ts';

const BLOCKED = 'Only an active key that was not replaced so far can be rotated.';

/** Who rotates a key. */
export interface KeyRotator extends Grantor {
  readonly mint: MintKey;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Replaces a key by a new one of the same name and rights, with one audit row, and answers the new one. The old one
 * expires after the overlap, or before where it was to. Rate limits and budgets of the old key become the new one's; they
 * bind both while both work. Who rotates a key needs all of its rights, since they get them.
 */
export async function rotateApiKey(
  by: ChangeContext,
  rotator: KeyRotator,
  id: string,
  { overlapSeconds, expiresAt }: ApiKeyRotation,
): Promise<Result<CreatedApiKey, ChangeRefusal>> {
  const checked = checkApiKeyFields({ expiresAt: expiresAt ?? null }, rotator.now);
  if (!checked.ok) return checked;
  const old = await getApiKey({ db: by.db, tenantId: by.tenantId, id });
  if (!old) return err({ reason: 'not_found' });
  const change = expiresAt === undefined ? {} : { expiresAt };
  const granted = checkGrant(rightsOf(old, change), rotator);
  if (!granted.ok) return granted;
  if (old.status !== 'active' || old.successorId !== null) return err({ reason: 'blocked', detail: BLOCKED });
  const { key, keyPrefix, keyHash } = await rotator.mint(await typeOf(by, old));
  const row = {
    ...toApiKeyRow({ ...old, ...change }),
    id: uuidv7(),
    environment_id: old.environmentId,
    key_prefix: keyPrefix,
    key_hash: keyHash,
    rotated_from: id,
    created_by: by.actor.kind === 'user' ? by.actor.userId : null,
  };
  const rotated = await replace(by, old, row, overlapSeconds);
  return rotated.ok ? ok({ ...toApiKey(rotated.value), key }) : rotated;
}

function replace(
  by: ChangeContext,
  old: ApiKey,
  row: Row & { readonly id: string },
  overlapSeconds: number,
): Promise<Result<unknown, ChangeRefusal>> {
  const { tenantId } = by;
  const isReplaced = sql`exists (select from replaced)`;
  const also = sql`
    replaced as (
      update api_keys set successor_id = ${row.id},
        expires_at = least(expires_at, now() + make_interval(secs => ${overlapSeconds}))
      where ${isRow(by, old.id)} and revoked_at is null and successor_id is null
        and (expires_at is null or expires_at > now()) and ${hasRightsOf(old)}
      returning id
    ),
    replaced_before as (
      update api_keys set successor_id = ${row.id}
      where tenant_id = ${tenantId} and successor_id = ${old.id} and ${isReplaced}
    ),
    own_rates as (
      update rate_limits set api_key_id = ${row.id}
      where tenant_id = ${tenantId} and api_key_id = ${old.id} and ${isReplaced}
    ),
    own_budgets as (
      update budgets set scope = jsonb_set(scope, '{apiKeyId}', to_jsonb(${row.id}::text))
      where tenant_id = ${tenantId} and scope ->> 'apiKeyId' = ${old.id}::text and ${isReplaced}
    ),`;
  const statement = insertStatement(by, API_KEYS, row, isReplaced);
  return changeConfiguration(by, API_KEYS, { verb: 'rotated', id: old.id, statement, also, blocked: BLOCKED });
}

/** The type of a key's environment, which the new key says of itself. */
async function typeOf({ db, tenantId }: ChangeContext, { environmentId }: ApiKey) {
  const { id, type } = environments;
  const [[found]] = await withTenant(db, tenantId, (db) => [
    db.select({ type }).from(environments).where(eq(id, environmentId)),
  ]);
  if (!found) throw new Error('a key without its environment');
  return found.type;
}
