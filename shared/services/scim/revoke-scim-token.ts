import { sql } from 'drizzle-orm';
import { err, ok, type Result } from '../../errors/result.ts';
import type { ChangeContext } from '../change-configuration.ts';
import { recordChange } from '../record-change.ts';
import { firstReason, isAllowed } from '../role-grants.ts';
import { SCIM_TOKENS } from './scim-token-fields.ts';

/** Makes a token worthless with its next request, with an audit row. One that is revoked already is not found. */
export async function revokeScimToken(
  by: ChangeContext,
  { id, providerId }: { readonly id: string; readonly providerId: string },
): Promise<Result<null, 'not_found'>> {
  const row = sql`tenant_id = ${by.tenantId}::uuid and identity_provider_id = ${providerId}::uuid and id = ${id}::uuid
    and revoked_at is null`;
  const change = await recordChange<'not_found'>(by, {
    ...{ action: 'scim_token.revoked', targetType: 'scim_token' },
    steps: [
      ['held', sql`select ${SCIM_TOKENS.fields} as fields from scim_tokens where ${row}`],
      ['refusal', firstReason([['not_found', sql`not exists (select from held)`]])],
      ['revoked', sql`update scim_tokens set revoked_at = now() where ${row} and ${isAllowed} returning id`],
      ['changed', sql`select id, (select fields from held) as before, null::jsonb as after from revoked`],
    ],
  });
  return change.isChanged ? ok(null) : err('not_found');
}
