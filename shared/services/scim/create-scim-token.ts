import { sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import { hashScimToken, mintScimToken } from '../../auth/scim-token.ts';
import type { ScimToken, ScimTokenInput } from '../../contracts/http/scim-tokens.ts';
import type { RegionName } from '../../contracts/names.ts';
import { err, ok, type Result } from '../../errors/result.ts';
import type { ChangeContext } from '../change-configuration.ts';
import type { Granter } from '../change-member-roles.ts';
import { peopleOfProvider } from '../people-of-provider.ts';
import { recordChange } from '../record-change.ts';
import { firstReason, isAllowed, isBeyondRights } from '../role-grants.ts';
import { SCIM_TOKENS, toScimToken } from './scim-token-fields.ts';

/** Why a token is not made. `beyond_rights`: it could give or take what who makes it does not have. */
export type ScimTokenRefusal = 'not_found' | 'beyond_rights';

/**
 * Makes a token of an identity provider, with an audit row, and answers the token itself: it is stored as a hash only. Who
 * has it puts people into the provider's groups and ends people, so who makes it must have every right that those groups
 * give, that the provider's people hold, those too who only signed in, and that who is new gets.
 */
export async function createScimToken(
  by: ChangeContext,
  { permissions }: Granter,
  { region, providerId }: { readonly region: RegionName; readonly providerId: string },
  { name, expiresAt }: ScimTokenInput,
): Promise<Result<ScimToken & { readonly token: string }, ScimTokenRefusal>> {
  const { tenantId, actor } = by;
  const { token, tokenPrefix } = mintScimToken({ region, tenantId });
  const tokenHash = await hashScimToken(token);
  const ofProvider = sql`tenant_id = ${tenantId}::uuid and identity_provider_id = ${providerId}::uuid`;
  const change = await recordChange<ScimTokenRefusal>(by, {
    ...{ action: 'scim_token.created', targetType: 'scim_token' },
    steps: [
      [
        'provider',
        sql`select id, default_role_id from identity_providers
          where tenant_id = ${tenantId}::uuid and id = ${providerId}::uuid`,
      ],
      [
        'touched',
        sql`select role_id from scim_groups where ${ofProvider} and role_id is not null
          union select default_role_id from provider where default_role_id is not null
          union select role_id from user_roles where tenant_id = ${tenantId}::uuid
            and user_id in (${peopleOfProvider(tenantId, providerId)})`,
      ],
      [
        'refusal',
        firstReason([
          ['not_found', sql`not exists (select from provider)`],
          ['beyond_rights', isBeyondRights(permissions)],
        ]),
      ],
      [
        'inserted',
        sql`insert into scim_tokens (id, tenant_id, identity_provider_id, name, token_prefix, token_hash, created_by,
            expires_at)
          select ${uuidv7()}::uuid, ${tenantId}::uuid, ${providerId}::uuid, ${name}::text, ${tokenPrefix}::text,
            ${tokenHash}::text, ${actor.kind === 'user' ? actor.userId : null}::uuid, ${expiresAt}::timestamptz
          where ${isAllowed} returning id, ${SCIM_TOKENS.fields} as fields`,
      ],
      ['changed', sql`select id, null::jsonb as before, fields as after from inserted`],
    ],
  });
  return change.reason === null ? ok({ ...toScimToken(change.after), token }) : err(change.reason);
}
