import { sql } from 'drizzle-orm';
import type { Page, PageQuery } from '../../contracts/http/page.ts';
import { type ProvisionedGroup, provisionedGroup } from '../../contracts/http/provisioned-groups.ts';
import type { Database } from '../../db/client.ts';
import { scimGroups } from '../../db/schema/scim.ts';
import type { ConfigurationTable } from '../change-configuration.ts';
import { createdAtText } from '../configuration-columns.ts';
import { listConfiguration } from '../list-configuration.ts';

/** As an administrator sees them: what they give, and to how many. */
const PROVISIONED_GROUPS: ConfigurationTable = {
  table: scimGroups,
  target: 'scim_group',
  fields: sql`jsonb_build_object('id', id, 'identityProviderId', identity_provider_id, 'displayName', display_name,
    'externalId', external_id, 'roleId', role_id, 'createdAt', ${createdAtText},
    'memberCount', (select count(*) from scim_group_members where scim_group_members.tenant_id = scim_groups.tenant_id
      and scim_group_members.group_id = scim_groups.id))`,
};

interface OfProvider {
  readonly db: Database;
  readonly tenantId: string;
  readonly providerId: string;
}

/** A page of the groups that an identity provider has sent, oldest first. */
export async function listProvisionedGroups(
  input: OfProvider & { readonly page: PageQuery },
): Promise<Page<ProvisionedGroup>> {
  const condition = sql`identity_provider_id = ${input.providerId}::uuid`;
  const { data, nextCursor } = await listConfiguration({ ...input, kind: PROVISIONED_GROUPS, condition });
  return { data: data.map((fields) => provisionedGroup.parse(fields)), nextCursor };
}

/** One of them; null when the provider has none of this id. */
export async function getProvisionedGroup(
  input: OfProvider & { readonly id: string },
): Promise<ProvisionedGroup | null> {
  const { db, tenantId, providerId, id } = input;
  const condition = sql`identity_provider_id = ${providerId}::uuid and id = ${id}::uuid`;
  const kind = PROVISIONED_GROUPS;
  const { data } = await listConfiguration({ db, tenantId, kind, condition, page: { limit: 1 } });
  return data[0] === undefined ? null : provisionedGroup.parse(data[0]);
}
