import { sql } from 'drizzle-orm';
import type { ScimUserInput } from '../../contracts/http/scim/users.ts';
import { toJsonb } from '../../db/to-jsonb.ts';
import { err, ok, type Result } from '../../errors/result.ts';
import type { ChangeContext } from '../change-configuration.ts';
import { recordChange } from '../record-change.ts';
import { firstReason, isAllowed } from '../role-grants.ts';
import { aroundMembership, underMembership } from './group-roles.ts';
import { getScimUser } from './list-scim-users.ts';
import type { ScimConnection, ScimRefusal } from './scim-connection.ts';
import { auditedUser, type ScimUserRecord, toStoredUser } from './scim-user-fields.ts';

/** A person of a connection. Null for `version` means any. */
export interface WhichUser {
  readonly id: string;
  readonly version: number | null;
}

/**
 * Describes a person anew, with an audit row if that changes anything. `active` stays unless it is said. One who is no
 * longer active is refused everywhere from now on, and their sessions are over; their roles stay for when they are active
 * again. Another `externalId` ends how they signed in until now: it is somebody else to their provider.
 */
export async function replaceScimUser(
  by: ChangeContext,
  connection: ScimConnection,
  { id, version }: WhichUser,
  input: ScimUserInput,
): Promise<Result<ScimUserRecord, ScimRefusal>> {
  const { tenantId, providerId, issuer } = connection;
  const { userName, externalId, active, attributes, email, name } = toStoredUser(input);
  const row = sql`tenant_id = ${tenantId}::uuid and identity_provider_id = ${providerId}::uuid and id = ${id}::uuid`;
  const others = sql`tenant_id = ${tenantId}::uuid and identity_provider_id = ${providerId}::uuid and id <> ${id}::uuid`;
  const change = await underMembership(() =>
    recordChange<Extract<ScimRefusal, string>>(by, {
      ...{ action: 'scim_user.updated', targetType: 'scim_user', ...aroundMembership(tenantId) },
      steps: [
        ['held', sql`select external_id, version, ${auditedUser} as fields from scim_users where ${row}`],
        [
          'refusal',
          firstReason([
            ['not_found', sql`not exists (select from held)`],
            ['stale', sql`(select version from held) <> ${version}::int`],
            [
              'name_taken',
              sql`exists (select from scim_users where ${others} and lower(user_name) = lower(${userName}::text))`,
            ],
            [
              'external_id_taken',
              sql`exists (select from scim_users where ${others} and external_id = ${externalId}::text)`,
            ],
            [
              'email_taken',
              sql`exists (select from users where home_tenant_id = ${tenantId}::uuid
                and lower(email) = lower(${email}::text) and id <> ${id}::uuid)`,
            ],
          ]),
        ],
        [
          'updated',
          sql`update scim_users set user_name = ${userName}::text, external_id = ${externalId}::text,
              active = coalesce(${active}::boolean, active), attributes = ${toJsonb(attributes)}::jsonb,
              version = version + 1, updated_at = now()
            where ${row} and ${isAllowed} and (user_name, external_id, active, attributes) is distinct from
              (${userName}::text, ${externalId}::text, coalesce(${active}::boolean, active), ${toJsonb(attributes)}::jsonb)
            returning id, active, external_id, ${auditedUser} as fields`,
        ],
        [
          'person',
          sql`update users set email = ${email}::text, name = ${name}::text, updated_at = now(),
              status = case when updated.active then 'active' else 'disabled' end
            from updated where users.id = updated.id`,
        ],
        [
          'moved',
          sql`select updated.id, updated.active from updated, held where updated.external_id is distinct from held.external_id`,
        ],
        ['unlinked', sql`delete from identities where issuer = ${issuer}::text and user_id in (select id from moved)`],
        [
          'ended',
          sql`delete from sessions where user_id in (select id from updated where not active union select id from moved)`,
        ],
        ['changed', sql`select id, (select fields from held) as before, fields as after from updated`],
      ],
    }),
  );
  if (change.reason !== null) return err(change.reason);
  const record = await getScimUser(by.db, connection, id);
  return record ? ok(record) : err('not_found');
}
