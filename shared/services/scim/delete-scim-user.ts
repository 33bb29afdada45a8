import { sql } from 'drizzle-orm';
import { err, ok, type Result } from '../../errors/result.ts';
import type { ChangeContext } from '../change-configuration.ts';
import { recordChange } from '../record-change.ts';
import { firstReason, isAllowed } from '../role-grants.ts';
import { aroundMembership, underMembership } from './group-roles.ts';
import type { WhichUser } from './replace-scim-user.ts';
import type { ScimConnection, ScimRefusal } from './scim-connection.ts';
import { auditedUser } from './scim-user-fields.ts';

/**
 * Ends a person for good, with one audit row: how they sign in, their sessions, groups and roles go with them. What they
 * made, API keys among it, stays. The same person who is made again later is another one here.
 */
export async function deleteScimUser(
  by: ChangeContext,
  { tenantId, providerId }: ScimConnection,
  { id, version }: WhichUser,
): Promise<Result<null, ScimRefusal>> {
  const row = sql`tenant_id = ${tenantId}::uuid and identity_provider_id = ${providerId}::uuid and id = ${id}::uuid`;
  const change = await underMembership(() =>
    recordChange<Extract<ScimRefusal, string>>(by, {
      ...{ action: 'scim_user.deleted', targetType: 'scim_user', ...aroundMembership(tenantId) },
      steps: [
        ['held', sql`select id, version, ${auditedUser} as fields from scim_users where ${row}`],
        [
          'refusal',
          firstReason([
            ['not_found', sql`not exists (select from held)`],
            ['stale', sql`(select version from held) <> ${version}::int`],
          ]),
        ],
        [
          'released',
          sql`delete from user_roles where tenant_id = ${tenantId}::uuid and user_id in (select id from held)
            and ${isAllowed}`,
        ],
        ['deleted', sql`delete from users where id in (select id from held) and ${isAllowed} returning id`],
        ['changed', sql`select deleted.id, held.fields as before, null::jsonb as after from deleted, held`],
      ],
    }),
  );
  return change.reason === null ? ok(null) : err(change.reason);
}
