import { asc } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import type { Grantor } from '../auth/key-rights.ts';
import { ROLES } from '../auth/permissions.ts';
import type { ApiKeyInput, CreatedApiKey } from '../contracts/http/api-keys.ts';
import type { EnvironmentType } from '../contracts/names.ts';
import { environments } from '../db/schema/tenancy.ts';
import { withTenant } from '../db/with-tenant.ts';
import { err, ok, type Result } from '../errors/result.ts';
import { API_KEYS, type MintKey, toApiKey, toApiKeyRow } from './api-key-fields.ts';
import { type ChangeContext, type ChangeRefusal, insertConfiguration } from './change-configuration.ts';
import { checkApiKeyFields, checkGrant } from './check-api-key-input.ts';

/** Who makes a key, and in which environment the request is, if in any. */
export interface KeyMaker extends Grantor {
  readonly environmentId: string | null;
  readonly mint: MintKey;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Makes a key, with its audit row, and answers the key itself: it is stored as an HMAC only. Nobody gives a key rights that
 * they do not have.
 */
export async function createApiKey(
  by: ChangeContext,
  maker: KeyMaker,
  input: ApiKeyInput,
): Promise<Result<CreatedApiKey, ChangeRefusal>> {
  const { scopes = defaultScopes(maker) } = input;
  const checked = checkApiKeyFields({ scopes, expiresAt: input.expiresAt }, maker.now);
  if (!checked.ok) return checked;
  const environment = await chooseEnvironment(by, input.environmentId ?? maker.environmentId);
  if (!environment.ok) return environment;
  const { id: environmentId, type } = environment.value;
  const { expiresAt, ipAllowList, models } = input;
  const ends = expiresAt === null ? null : Date.parse(expiresAt);
  const granted = checkGrant({ environmentId, scopes, expiresAt: ends, ipAllowList, models }, maker);
  if (!granted.ok) return granted;
  const { key, keyPrefix, keyHash } = await maker.mint(type);
  const row = {
    ...toApiKeyRow({ ...input, scopes }),
    id: uuidv7(),
    environment_id: environmentId,
    key_prefix: keyPrefix,
    key_hash: keyHash,
    created_by: by.actor.kind === 'user' ? by.actor.userId : null,
  };
  const created = await insertConfiguration(by, API_KEYS, row, { environmentId });
  return created.ok ? ok({ ...toApiKey(created.value), key }) : created;
}

/** What a developer may do, as far as who asks may. */
function defaultScopes({ permissions }: Grantor): string[] {
  return ROLES.developer.permissions.filter((permission) => permissions.has(permission));
}

/** The environment that is named, or the tenant's only one. */
async function chooseEnvironment(
  { db, tenantId }: ChangeContext,
  named: string | null,
): Promise<Result<{ readonly id: string; readonly type: EnvironmentType }, ChangeRefusal>> {
  const { id, type } = environments;
  const [found] = await withTenant(db, tenantId, (db) => [db.select({ id, type }).from(environments).orderBy(asc(id))]);
  const [chosen, other] = named === null ? found : found.filter((environment) => environment.id === named);
  if (chosen && !other) return ok(chosen);
  if (named !== null) return err({ reason: 'unknown_references', fields: ['environmentId'] });
  const detail = 'name one: the tenant has not exactly one environment';
  return err({ reason: 'invalid', errors: [{ pointer: '/environmentId', detail }] });
}
