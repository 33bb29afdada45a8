import type { ScimGroup } from '../../../shared/contracts/http/scim/groups.ts';
import { ENTERPRISE_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from '../../../shared/contracts/http/scim/schemas.ts';
import type { ScimUser } from '../../../shared/contracts/http/scim/users.ts';
import type { ScimGroupRecord } from '../../../shared/services/scim/scim-group-fields.ts';
import type { ScimUserRecord } from '../../../shared/services/scim/scim-user-fields.ts';
import type { AppContext } from '../app-context.ts';
import { ownOrigin } from '../identity/is-same-site.ts';

/** Where identity providers find SCIM. */
export const SCIM_PATH = '/v1/scim/v2';

interface Versioned {
  readonly id: string;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A version as `ETag` and `meta.version` write it. */
export function versionTag({ version }: { readonly version: number }): string {
  return `W/"${version}"`;
}

/** A person as SCIM has them (RFC 7643, section 4.1). */
export function showUser(context: AppContext, record: ScimUserRecord): ScimUser {
  const { id, userName, externalId, active, attributes, groups } = record;
  const isEnterprise = attributes[ENTERPRISE_SCHEMA] !== undefined;
  return {
    schemas: isEnterprise ? [USER_SCHEMA, ENTERPRISE_SCHEMA] : [USER_SCHEMA],
    ...{ id, userName, ...(externalId !== null && { externalId }), active, ...attributes, groups },
    meta: metaOf(context, 'User', record),
  };
}

/** A group as SCIM has it (RFC 7643, section 4.2). */
export function showGroup(context: AppContext, record: ScimGroupRecord): ScimGroup {
  const { id, displayName, externalId, members } = record;
  return {
    schemas: [GROUP_SCHEMA],
    ...{ id, displayName, ...(externalId !== null && { externalId }) },
    members: members.map((member) => ({ ...member, type: 'User' as const })),
    meta: metaOf(context, 'Group', record),
  };
}

function metaOf(context: AppContext, resourceType: 'User' | 'Group', record: Versioned) {
  const { id, createdAt: created, updatedAt: lastModified } = record;
  const location = `${ownOrigin(context)}${SCIM_PATH}/${resourceType}s/${id}`;
  return { resourceType, created, lastModified, location, version: versionTag(record) };
}
