import { sql } from 'drizzle-orm';
import { hashInvitationToken } from '../auth/invitation-token.ts';
import { type JoinedTenant, joinedTenant } from '../contracts/http/invitations.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { ChangeContext } from './change-configuration.ts';
import { isFull } from './member-seats.ts';
import { recordChange } from './record-change.ts';
import { ALSO_BY_HAND, firstReason, isAllowed, isOffered } from './role-grants.ts';

/**
 * Why someone does not join. `not_found`: no such token, or one that is used, revoked, expired or of a tenant that rests.
 * `none_offered`: the plan offers none of its roles any more.
 */
export type AcceptanceRefusal = 'not_found' | 'other_email' | 'none_offered' | 'member_limit';

/** Who accepts. Without an `email` that their identity provider verified nobody is the one invited. */
export interface Invitee {
  readonly userId: string;
  readonly email: string | null;
}

/**
 * Makes a person a member with the roles of their invitation that the tenant still has and its plan offers, with an audit row. `by.tenantId` is the
 * tenant that the token claims: the token is looked for there only.
 */
export async function acceptInvitation(
  by: ChangeContext,
  { userId, email }: Invitee,
  token: string,
): Promise<Result<JoinedTenant, AcceptanceRefusal>> {
  const { tenantId } = by;
  const tokenHash = await hashInvitationToken(token);
  const change = await recordChange<AcceptanceRefusal>(by, {
    ...{ action: 'invitation.accepted', targetType: 'invitation' },
    steps: [
      [
        'open',
        sql`select id, email, role_ids from invitations
          where tenant_id = ${tenantId}::uuid and token_hash = ${tokenHash}::text
            and accepted_at is null and revoked_at is null and expires_at > now()
            and exists (select from tenants where id = ${tenantId}::uuid and status = 'active')`,
      ],
      ['named', sql`select id, tenant_id, name from roles where id in (select unnest(role_ids) from open)`],
      ['granted', sql`select id, name from named where ${isOffered(tenantId, sql`named`)}`],
      [
        'refusal',
        firstReason([
          ['not_found', sql`not exists (select from named)`],
          ['other_email', sql`not exists (select from open where lower(email) = lower(${email}::text))`],
          ['none_offered', sql`not exists (select from granted)`],
          [
            'member_limit',
            sql`not exists (select from user_roles where tenant_id = ${tenantId}::uuid and user_id = ${userId}::uuid)
              and ${isFull(tenantId)}`,
          ],
        ]),
      ],
      [
        'joined',
        sql`insert into user_roles (tenant_id, user_id, role_id)
          select ${tenantId}::uuid, ${userId}::uuid, id from granted where ${isAllowed} ${ALSO_BY_HAND}`,
      ],
      [
        'accepted',
        sql`update invitations set accepted_at = now(), accepted_by = ${userId}::uuid
          where tenant_id = ${tenantId}::uuid and id in (select id from open) and ${isAllowed} returning id`,
      ],
      [
        'changed',
        sql`select id, null::jsonb as before, jsonb_build_object('tenantId', ${tenantId}::uuid,
            'userId', ${userId}::uuid, 'roles', (select jsonb_agg(name order by name) from granted)) as after
          from accepted`,
      ],
    ],
  });
  if (change.reason !== null) return err(change.reason);
  return ok(joinedTenant.parse(change.after));
}
