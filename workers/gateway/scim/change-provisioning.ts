import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { ChangeContext } from '../../../shared/services/change-configuration.ts';
import type { ScimConnection, ScimRefusal } from '../../../shared/services/scim/scim-connection.ts';
import type { AppContext } from '../app-context.ts';
import { changeContext } from '../configuration/apply-change.ts';
import { readRecord } from '../configuration/read-record.ts';

/** Also what another connection's, and another tenant's, is answered with. */
export const NO_RESOURCE: DomainError = { code: 'not_found', detail: 'There is no resource of this id.' };

const REFUSALS: Readonly<Record<Extract<ScimRefusal, string>, DomainError>> = {
  not_found: NO_RESOURCE,
  stale: { code: 'precondition_failed', detail: 'The resource was changed in the meantime. Read it again.' },
  name_taken: { code: 'already_exists', detail: 'There is another resource of this name.' },
  external_id_taken: { code: 'already_exists', detail: 'There is another resource of this externalId.' },
  email_taken: {
    code: 'already_exists',
    detail: 'Another person of the tenant has this e-mail address, and people are not linked by it.',
  },
  unknown_members: {
    code: 'bad_request',
    detail: 'members: every value must be the id of a person of this connection.',
  },
  member_limit: {
    code: 'member_limit_reached',
    detail: 'The plan lets in no more members. Nothing was changed.',
  },
  last_owner: { code: 'last_owner', detail: 'The tenant would be left without an owner. Nothing was changed.' },
};

/** How a refusal is answered. */
export function scimRefused(refusal: ScimRefusal): DomainError {
  return typeof refusal === 'string' ? REFUSALS[refusal] : { code: 'bad_request', ...refusal };
}

/** Makes a change that an identity provider asks for, in the name of its token. */
export async function changeProvisioning<T>(
  context: AppContext,
  change: (by: ChangeContext, connection: ScimConnection) => Promise<Result<T, ScimRefusal>>,
): Promise<Result<T, DomainError>> {
  const connection = context.get('scim');
  const { tenantId, tokenId } = connection;
  const by = changeContext(context, { tenantId, actor: { kind: 'scim_token', scimTokenId: tokenId } });
  const changed = await readRecord(context, () => change(by, connection));
  if (!changed.ok) return changed;
  return changed.value.ok ? ok(changed.value.value) : err(scimRefused(changed.value.error));
}

/** Which version of a resource a request is about, as `If-Match` says; null: any. A version that never is: 0. */
export function wantedVersion(context: AppContext): number | null {
  const tag = context.req.header('if-match')?.trim();
  if (tag === undefined || tag === '*') return null;
  return Number(/^(?:W\/)?"(\d{1,9})"$/.exec(tag)?.[1] ?? 0);
}
