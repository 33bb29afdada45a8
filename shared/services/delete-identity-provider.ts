import { sql } from 'drizzle-orm';
import { err, ok, type Result } from '../errors/result.ts';
import type { ChangeContext } from './change-configuration.ts';
import type { Granter } from './change-member-roles.ts';
import { IDENTITY_PROVIDERS } from './identity-provider-fields.ts';
import { peopleOfProvider } from './people-of-provider.ts';
import { recordChange } from './record-change.ts';
import { actingOwners, firstReason, isAllowed, isBeyondRights } from './role-grants.ts';

/** Why an identity provider stays. `last_owner`: nobody but people of its own is the tenant's owner. */
export type ProviderRemovalRefusal = 'not_found' | 'beyond_rights' | 'last_owner';

/**
 * Removes an identity provider, with its audit row, and what it sent by SCIM: groups, the roles that they gave, and people
 * who never signed in. The others whom it brought stay, and can no longer sign in: so who removes it must have every right
 * that its people hold.
 */
export async function deleteIdentityProvider(
  by: ChangeContext,
  { permissions }: Granter,
  id: string,
): Promise<Result<null, ProviderRemovalRefusal>> {
  const { tenantId } = by;
  const row = sql`tenant_id = ${tenantId}::uuid and id = ${id}::uuid`;
  const ofTenant = sql`user_roles.tenant_id = ${tenantId}::uuid`;
  const change = await recordChange<ProviderRemovalRefusal>(by, {
    ...{ action: 'identity_provider.deleted', targetType: 'identity_provider' },
    steps: [
      ['held', sql`select ${IDENTITY_PROVIDERS.fields} as fields from ${IDENTITY_PROVIDERS.table} where ${row}`],
      ['people', peopleOfProvider(tenantId, id)],
      ['owners', actingOwners(tenantId)],
      ['touched', sql`select role_id from user_roles where ${ofTenant} and user_id in (select id from people)`],
      [
        'refusal',
        firstReason([
          ['not_found', sql`not exists (select from held)`],
          ['beyond_rights', isBeyondRights(permissions)],
          [
            'last_owner',
            sql`exists (select from owners) and not exists (
              select from owners where user_id not in (select id from people))`,
          ],
        ]),
      ],
      ['absent', sql`select id from people where not exists (select from identities where user_id = people.id)`],
      [
        'released',
        sql`delete from user_roles where ${ofTenant} and ${isAllowed} and (user_id in (select id from absent)
          or (source = 'group' and user_id in (select id from people)))`,
      ],
      ['forgotten', sql`delete from users where id in (select id from absent) and ${isAllowed}`],
      ['deleted', sql`delete from ${IDENTITY_PROVIDERS.table} where ${row} and ${isAllowed} returning id`],
      ['changed', sql`select id, (select fields from held) as before, null::jsonb as after from deleted`],
    ],
  });
  return change.reason === null ? ok(null) : err(change.reason);
}
