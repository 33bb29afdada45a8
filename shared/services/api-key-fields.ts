import { type SQL, sql } from 'drizzle-orm';
import { readIpRange, writeIpRange } from '../auth/ip-ranges.ts';
import type { KeyRights } from '../auth/key-rights.ts';
import { type ApiKey, type ApiKeyChange, type ApiKeyFields, apiKeyFields } from '../contracts/http/api-keys.ts';
import type { EnvironmentType } from '../contracts/names.ts';
import { apiKeys } from '../db/schema/identity.ts';
import { toJsonb } from '../db/to-jsonb.ts';
import type { ConfigurationTable, Row } from './change-configuration.ts';
import { createdAtText, givenColumns, isoText } from './configuration-columns.ts';

/** The status of a row, as an SQL expression. */
export const apiKeyStatus = sql`
  case when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired' else 'active' end`;

export const API_KEYS: ConfigurationTable = {
  table: apiKeys,
  target: 'api_key',
  fields: sql`jsonb_build_object('id', id, 'name', name, 'keyPrefix', key_prefix, 'environmentId', environment_id,
    'scopes', scopes, 'status', ${apiKeyStatus}, 'expiresAt', ${isoText('expires_at')},
    'revokedAt', ${isoText('revoked_at')}, 'lastUsedAt', ${isoText('last_used_at')}, 'ipAllowList', ip_allow_list,
    'models', models, 'rotatedFrom', rotated_from, 'successorId', successor_id, 'createdBy', created_by,
    'createdAt', ${createdAtText})`,
};

/** A key as it can be kept, and shown this once. */
export interface MintedKey {
  readonly key: string;
  readonly keyPrefix: string;
  readonly keyHash: string;
}

/** Makes a key of the tenant for an environment of this type. */
export type MintKey = (environment: EnvironmentType) => Promise<MintedKey>;

/** A row's fields as clients see them. */
export function toApiKey(fields: unknown): ApiKey {
  const shown = apiKeyFields.parse(fields);
  return { ...shown, links: { limits: `/v1/limits?apiKeyId=${shown.successorId ?? shown.id}` } };
}

/** The columns of what a client sent. Ranges are kept in their canonical form. */
export function toApiKeyRow({ name, scopes, expiresAt, ipAllowList, models }: ApiKeyChange): Row {
  return givenColumns({
    name,
    scopes: scopes && distinct(scopes),
    expires_at: expiresAt,
    ip_allow_list: ipAllowList && distinct(ipAllowList.flatMap(canonical)),
    models: models && distinct(models),
  });
}

/** The rights that a key has, once a change is made. */
export function rightsOf(key: ApiKeyFields, change: ApiKeyChange = {}): KeyRights {
  const { scopes, expiresAt, ipAllowList, models } = { ...key, ...givenColumns({ ...change }) } as ApiKeyFields;
  const ends = expiresAt === null ? null : Date.parse(expiresAt);
  return { environmentId: key.environmentId, scopes, expiresAt: ends, ipAllowList, models };
}

/** That a row still has the rights that were read of it: what was decided by them holds. */
export function hasRightsOf({ environmentId, scopes, expiresAt, ipAllowList, models }: ApiKeyFields): SQL {
  return sql`
    jsonb_build_object('environmentId', environment_id, 'scopes', scopes, 'expiresAt', ${isoText('expires_at')},
      'ipAllowList', ip_allow_list, 'models', models)
    = ${toJsonb({ environmentId, scopes, expiresAt, ipAllowList, models })}::jsonb`;
}

function canonical(text: string): string[] {
  const range = readIpRange(text);
  return range ? [writeIpRange(range)] : [];
}

function distinct(words: readonly string[]): string[] {
  return [...new Set(words)];
}
