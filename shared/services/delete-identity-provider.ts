import { sql } from 'drizzle-orm';
import type { Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, changeConfiguration, isRow } from './change-configuration.ts';
import { IDENTITY_PROVIDERS } from './identity-provider-fields.ts';

/**
 * Removes an identity provider, with its audit row, and what it sent by SCIM: groups, the roles that they gave, and people
 * who never signed in. The others whom it brought stay, and can no longer sign in.
 */
export function deleteIdentityProvider(by: ChangeContext, id: string): Promise<Result<unknown, ChangeRefusal>> {
  const ofTenant = sql`tenant_id = ${by.tenantId}::uuid`;
  const statement = sql`
    delete from ${IDENTITY_PROVIDERS.table} where ${isRow(by, id)} returning id, ${IDENTITY_PROVIDERS.fields} as fields`;
  const also = sql`
    people as (select scim_users.id, exists (select from identities where user_id = scim_users.id) as has_come
      from scim_users where ${ofTenant} and identity_provider_id = ${id}::uuid),
    released as (delete from user_roles where ${ofTenant} and (
      user_id in (select people.id from people where not has_come)
      or (source = 'group' and user_id in (select people.id from people)))),
    forgotten as (delete from users where users.id in (select people.id from people where not has_come)),`;
  return changeConfiguration(by, IDENTITY_PROVIDERS, { verb: 'deleted', id, statement, also });
}
