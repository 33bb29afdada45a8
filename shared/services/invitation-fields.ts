import { sql } from 'drizzle-orm';
import { type Invitation, invitation } from '../contracts/http/invitations.ts';
import { invitations } from '../db/schema/membership.ts';
import type { ConfigurationTable } from './change-configuration.ts';
import { createdAtText, isoText } from './configuration-columns.ts';

/** The status of a row, as an SQL expression. */
export const invitationStatus = sql`
  case when accepted_at is not null then 'accepted' when revoked_at is not null then 'revoked'
    when expires_at <= now() then 'expired' else 'pending' end`;

/** Never the token, nor its hash. */
export const INVITATIONS: ConfigurationTable = {
  table: invitations,
  target: 'invitation',
  fields: sql`jsonb_build_object('id', id, 'email', email, 'roleIds', role_ids, 'invitedBy', invited_by,
    'status', ${invitationStatus}, 'expiresAt', ${isoText('expires_at')}, 'createdAt', ${createdAtText})`,
};

/** A row's fields as clients see them. */
export function toInvitation(fields: unknown): Invitation {
  return invitation.parse(fields);
}
