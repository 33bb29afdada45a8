import { NOT_OFFERED } from '../../../shared/auth/role-templates.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import type { AcceptanceRefusal } from '../../../shared/services/accept-invitation.ts';
import type { MemberRefusal } from '../../../shared/services/change-member-roles.ts';
import type { RoleRefusal } from '../../../shared/services/change-role.ts';
import type { InvitationRefusal } from '../../../shared/services/create-invitation.ts';
import type { ScimTokenRefusal } from '../../../shared/services/scim/create-scim-token.ts';
import type { GroupRoleRefusal } from '../../../shared/services/scim/map-scim-group.ts';
import { NOT_FOUND } from './apply-change.ts';

/** Why somebody is not given what they were to be given, or not let in. */
export type AccessRefusal =
  | MemberRefusal
  | InvitationRefusal
  | AcceptanceRefusal
  | RoleRefusal
  | ScimTokenRefusal
  | GroupRoleRefusal;

const REFUSALS: Readonly<Record<AccessRefusal, DomainError>> = {
  not_found: NOT_FOUND,
  unknown_roles: invalidRoles('name a role that the tenant does not have'),
  not_offered: invalidRoles(NOT_OFFERED),
  beyond_rights: {
    code: 'permission_denied',
    detail: 'Nobody can give or take rights that they do not have themselves.',
  },
  last_owner: { code: 'last_owner', detail: 'Make somebody else an owner first.' },
  member_limit: {
    code: 'member_limit_reached',
    detail: 'The plan lets in no more members. Open invitations count as members.',
  },
  none_offered: {
    code: 'conflict',
    detail: 'The tenant’s plan does not offer the roles of this invitation any more. Ask for another one.',
  },
  already_member: { code: 'conflict', detail: 'This person is a member. Change their roles instead.' },
  other_email: {
    code: 'permission_denied',
    detail: 'The invitation is for another e-mail address than the one that your identity provider verified.',
  },
  name_taken: {
    code: 'already_exists',
    detail: 'There is another role of this name.',
    errors: [{ pointer: '/name', detail: 'is taken' }],
  },
};

/** How a refusal is answered. */
export function accessRefused(refusal: AccessRefusal): DomainError {
  return REFUSALS[refusal];
}

function invalidRoles(detail: string): DomainError {
  return {
    code: 'bad_request',
    detail: `The request is not valid. /roleIds: must not ${detail}`,
    errors: [{ pointer: '/roleIds', detail: `must not ${detail}` }],
  };
}
