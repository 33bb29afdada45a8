import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { isoText } from '../configuration-columns.ts';
import type { FilterAttribute, FilterAttributes } from './filter-to-sql.ts';

const record = z.object({
  id: z.uuid(),
  displayName: z.string(),
  externalId: z.string().nullable(),
  members: z.array(z.object({ value: z.uuid(), display: z.string() })),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** A group as its identity provider describes it. */
export type ScimGroupRecord = z.infer<typeof record>;

/** A record's fields, an SQL expression over `scim_groups`; without its members where nobody asks for them. */
export function scimGroupFields(hasMembers: boolean): SQL {
  const members = sql`(select coalesce(jsonb_agg(jsonb_build_object('value', scim_users.id,
      'display', scim_users.user_name) order by scim_users.id), '[]')
    from scim_group_members join scim_users on scim_users.tenant_id = scim_group_members.tenant_id
      and scim_users.id = scim_group_members.user_id
    where scim_group_members.tenant_id = scim_groups.tenant_id and scim_group_members.group_id = scim_groups.id)`;
  return sql`jsonb_build_object('id', scim_groups.id, 'displayName', display_name, 'externalId', external_id,
    'members', ${hasMembers ? members : sql`'[]'::jsonb`}, 'version', version, 'createdAt', ${isoText('created_at')},
    'updatedAt', ${isoText('updated_at')})`;
}

/** What the audit log tells of a group, an SQL expression over `scim_groups`. */
export const auditedGroup = sql`jsonb_build_object('displayName', display_name, 'externalId', external_id)`;

/** A record from its fields. */
export function toGroupRecord(fields: unknown): ScimGroupRecord {
  return record.parse(fields);
}

/** What groups can be found by. */
export const GROUP_FILTERS: FilterAttributes = new Map<string, FilterAttribute>([
  ['id', { kind: 'exactText', value: sql`id::text` }],
  ['displayname', { kind: 'text', value: sql`display_name` }],
  ['externalid', { kind: 'exactText', value: sql`external_id` }],
  [
    'members',
    {
      kind: 'many',
      rows: sql`(select user_id from scim_group_members where scim_group_members.tenant_id = scim_groups.tenant_id
        and scim_group_members.group_id = scim_groups.id) as member`,
      parts: new Map([['value', { kind: 'exactText', value: sql`member.user_id::text` }]]),
    },
  ],
  ['meta.created', { kind: 'time', value: sql`created_at` }],
  ['meta.lastmodified', { kind: 'time', value: sql`updated_at` }],
]);
