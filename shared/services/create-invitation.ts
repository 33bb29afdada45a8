import { sql } from 'drizzle-orm';
import { uuidv7 } from 'uuidv7';
import * as z from 'zod';
import { hashInvitationToken, mintInvitationToken } from '../auth/invitation-token.ts';
import { type Invitation, type InvitationInput, invitation } from '../contracts/http/invitations.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { ChangeContext } from './change-configuration.ts';
import type { Granter } from './change-member-roles.ts';
import { INVITATIONS } from './invitation-fields.ts';
import { isFull } from './member-seats.ts';
import { recordChange } from './record-change.ts';
import { firstReason, type GrantRefusal, grantRefusals, isAllowed, uuids, wantedRoles } from './role-grants.ts';

const INVITATION_DAYS = 7;

const stored = invitation.extend({ tenantName: z.string() });

/** Why nobody is invited. */
export type InvitationRefusal = GrantRefusal | 'already_member' | 'member_limit';

export interface NewInvitation {
  readonly invitation: Invitation;
  /** To be shown once; it is stored only as its hash. */
  readonly token: string;
  readonly tenantName: string;
}

/**
 * Invites someone by email for seven days, with an audit row. It replaces invitations of the same address that are open.
 * Open invitations count against the plan's members. Who invites must have every right that the roles give.
 */
export async function createInvitation(
  by: ChangeContext,
  { permissions }: Granter,
  { email, roleIds }: InvitationInput,
): Promise<Result<NewInvitation, InvitationRefusal>> {
  const { tenantId, actor } = by;
  const token = mintInvitationToken(tenantId);
  const tokenHash = await hashInvitationToken(token);
  const isSame = sql`lower(email) = lower(${email}::text)`;
  const isOpen = sql`tenant_id = ${tenantId}::uuid and accepted_at is null and revoked_at is null`;
  const others = sql`(select count(distinct lower(email)) from invitations
    where ${isOpen} and expires_at > now() and not (${isSame}))`;
  const change = await recordChange<InvitationRefusal>(by, {
    ...{ action: 'member.invited', targetType: 'invitation' },
    steps: [
      ['wanted', wantedRoles(roleIds)],
      ['touched', sql`select id as role_id from wanted`],
      [
        'refusal',
        firstReason([
          ...grantRefusals(tenantId, roleIds, permissions),
          [
            'already_member',
            sql`exists (select from users where ${isSame} and exists (
              select from user_roles where user_roles.user_id = users.id and user_roles.tenant_id = ${tenantId}::uuid))`,
          ],
          ['member_limit', isFull(tenantId, others)],
        ]),
      ],
      ['replaced', sql`update invitations set revoked_at = now() where ${isOpen} and ${isSame} and ${isAllowed}`],
      [
        'inserted',
        sql`insert into invitations (id, tenant_id, email, role_ids, token_hash, invited_by, expires_at)
          select ${uuidv7()}::uuid, ${tenantId}::uuid, ${email}::text, ${uuids(roleIds)}, ${tokenHash}::text,
            ${actor.kind === 'user' ? actor.userId : null}::uuid, now() + make_interval(days => ${INVITATION_DAYS}::int)
          where ${isAllowed} returning id, ${INVITATIONS.fields} as fields`,
      ],
      [
        'changed',
        sql`select inserted.id, null::jsonb as before,
          fields || jsonb_build_object('tenantName', (select name from tenants where id = ${tenantId}::uuid)) as after
          from inserted`,
      ],
    ],
  });
  if (change.reason !== null) return err(change.reason);
  const { tenantName, ...fields } = stored.parse(change.after);
  return ok({ invitation: fields, token, tenantName });
}
