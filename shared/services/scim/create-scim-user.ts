import { sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
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

/**
 * Makes a person, with an audit row, before they sign in for the first time; see `linkProvisionedPerson`. Who has signed in
 * by this provider before, and is called by `externalId` there, becomes this one. They get the provider's default role.
 */
export async function createScimUser(
  by: ChangeContext,
  connection: ScimConnection,
  input: ScimUserInput,
): Promise<Result<ScimUserRecord, ScimRefusal>> {
  const { tenantId, providerId, issuer, externalIdClaim, defaultRoleId } = connection;
  const { userName, externalId, attributes, email, name, active } = toStoredUser(input);
  const isActive = active ?? true;
  const status = isActive ? 'active' : 'disabled';
  const subject = externalIdClaim === 'sub' ? externalId : null;
  const ofProvider = sql`tenant_id = ${tenantId}::uuid and identity_provider_id = ${providerId}::uuid`;
  const change = await underMembership(() =>
    recordChange<Extract<ScimRefusal, string>>(by, {
      ...{ action: 'scim_user.created', targetType: 'scim_user', ...aroundMembership(tenantId) },
      steps: [
        [
          'known',
          sql`select user_id as id from identities where provider = 'oidc' and issuer = ${issuer}::text
            and subject = ${subject}::text and home_tenant_id = ${tenantId}::uuid`,
        ],
        [
          'refusal',
          firstReason([
            [
              'name_taken',
              sql`exists (select from scim_users where ${ofProvider} and lower(user_name) = lower(${userName}::text))`,
            ],
            [
              'external_id_taken',
              sql`exists (select from scim_users where tenant_id = ${tenantId}::uuid and (id in (select id from known)
                or (identity_provider_id = ${providerId}::uuid and external_id = ${externalId}::text)))`,
            ],
            [
              'email_taken',
              sql`exists (select from users where home_tenant_id = ${tenantId}::uuid
                and lower(email) = lower(${email}::text) and id not in (select id from known))`,
            ],
          ]),
        ],
        [
          'made',
          sql`insert into users (id, email, name, status, home_tenant_id)
            select ${uuidv7()}::uuid, ${email}::text, ${name}::text, ${status}::text, ${tenantId}::uuid
            where not exists (select from known) and ${isAllowed} returning id`,
        ],
        [
          'adopted',
          sql`update users set email = ${email}::text, name = ${name}::text, status = ${status}::text, updated_at = now()
            where id in (select id from known) and ${isAllowed} returning id`,
        ],
        ['person', sql`select id from made union all select id from adopted`],
        ['ended', sql`delete from sessions where user_id in (select id from adopted) and not ${isActive}::boolean`],
        [
          'inserted',
          sql`insert into scim_users (id, tenant_id, identity_provider_id, user_name, external_id, active, attributes)
            select id, ${tenantId}::uuid, ${providerId}::uuid, ${userName}::text, ${externalId}::text,
              ${isActive}::boolean, ${toJsonb(attributes)}::jsonb
            from person returning id, ${auditedUser} as fields`,
        ],
        [
          'joined',
          sql`insert into user_roles (tenant_id, user_id, role_id)
            select ${tenantId}::uuid, made.id, roles.id from made, roles
            where roles.id = ${defaultRoleId}::uuid on conflict do nothing`,
        ],
        [
          'changed',
          sql`select id, null::jsonb as before, fields || jsonb_build_object('id', id) as after from inserted`,
        ],
      ],
    }),
  );
  if (change.reason !== null) return err(change.reason);
  const record = await getScimUser(by.db, connection, idOf('after' in change ? change.after : null));
  return record ? ok(record) : err('not_found');
}

function idOf(after: unknown): string {
  return typeof after === 'object' && after !== null && 'id' in after ? String(after.id) : '';
}
