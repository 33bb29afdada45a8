import { sql } from 'drizzle-orm';
import { err, ok, type Result } from '../errors/result.ts';
import type { ChangeContext } from './change-configuration.ts';
import { INVITATIONS } from './invitation-fields.ts';
import { recordChange } from './record-change.ts';
import { firstReason, isAllowed } from './role-grants.ts';

/** Makes an invitation's token worthless, with an audit row. One that was accepted or revoked is not found. */
export async function revokeInvitation(by: ChangeContext, id: string): Promise<Result<null, 'not_found'>> {
  const isOpen = sql`tenant_id = ${by.tenantId}::uuid and id = ${id}::uuid
    and accepted_at is null and revoked_at is null`;
  const change = await recordChange(by, {
    ...{ action: 'invitation.revoked', targetType: 'invitation' },
    steps: [
      ['open', sql`select ${INVITATIONS.fields} as fields from invitations where ${isOpen}`],
      ['refusal', firstReason([['not_found', sql`not exists (select from open)`]])],
      ['revoked', sql`update invitations set revoked_at = now() where ${isOpen} and ${isAllowed} returning id`],
      ['changed', sql`select id, (select fields from open) as before, null::jsonb as after from revoked`],
    ],
  });
  return change.isChanged ? ok(null) : err('not_found');
}
