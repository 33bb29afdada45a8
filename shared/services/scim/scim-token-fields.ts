import { sql } from 'drizzle-orm';
import { type ScimToken, scimToken } from '../../contracts/http/scim-tokens.ts';
import { scimTokens } from '../../db/schema/scim.ts';
import type { ConfigurationTable } from '../change-configuration.ts';
import { createdAtText, isoText } from '../configuration-columns.ts';

/** Never the token, nor its hash. */
export const SCIM_TOKENS: ConfigurationTable = {
  table: scimTokens,
  target: 'scim_token',
  fields: sql`jsonb_build_object('id', id, 'identityProviderId', identity_provider_id, 'name', name,
    'tokenPrefix', token_prefix, 'status', case when revoked_at is not null then 'revoked'
      when expires_at <= now() then 'expired' else 'active' end,
    'expiresAt', ${isoText('expires_at')}, 'lastUsedAt', ${isoText('last_used_at')}, 'createdBy', created_by,
    'createdAt', ${createdAtText})`,
};

/** A row's fields as clients see them. */
export function toScimToken(fields: unknown): ScimToken {
  return scimToken.parse(fields);
}
