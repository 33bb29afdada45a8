import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { type ScimUserAttributes, type ScimUserInput, scimUserAttributes } from '../../contracts/http/scim/users.ts';
import { isoText } from '../configuration-columns.ts';
import type { FilterAttribute, FilterAttributes } from './filter-to-sql.ts';

const record = z.object({
  id: z.uuid(),
  userName: z.string(),
  externalId: z.string().nullable(),
  active: z.boolean(),
  attributes: scimUserAttributes,
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  groups: z.array(z.object({ value: z.uuid(), display: z.string() })),
});

/** A person as their identity provider describes them, and the groups that it has put them in. */
export type ScimUserRecord = z.infer<typeof record>;

/** A record's fields, an SQL expression over `scim_users`. */
export const scimUserFields = sql`jsonb_build_object('id', scim_users.id, 'userName', user_name,
  'externalId', external_id, 'active', active, 'attributes', attributes, 'version', version,
  'createdAt', ${isoText('created_at')}, 'updatedAt', ${isoText('updated_at')},
  'groups', (select coalesce(jsonb_agg(jsonb_build_object('value', scim_groups.id, 'display', scim_groups.display_name)
      order by scim_groups.id), '[]')
    from scim_group_members join scim_groups on scim_groups.tenant_id = scim_group_members.tenant_id
      and scim_groups.id = scim_group_members.group_id
    where scim_group_members.tenant_id = scim_users.tenant_id and scim_group_members.user_id = scim_users.id))`;

/** What the audit log tells of a person, an SQL expression over `scim_users`. */
export const auditedUser = sql`jsonb_build_object('userName', user_name, 'externalId', external_id, 'active', active,
  'attributes', attributes)`;

/** A record from its fields. */
export function toUserRecord(fields: unknown): ScimUserRecord {
  return record.parse(fields);
}

const text = (value: SQL): FilterAttribute => ({ kind: 'text', value });
const email = (part: string): FilterAttribute => text(sql`email ->> ${part}`);
const nameOf = (part: string): FilterAttribute => text(sql`attributes -> 'name' ->> ${part}`);

/** What people can be found by. */
export const USER_FILTERS: FilterAttributes = new Map<string, FilterAttribute>([
  ['id', { kind: 'exactText', value: sql`id::text` }],
  ['username', text(sql`user_name`)],
  ['externalid', { kind: 'exactText', value: sql`external_id` }],
  ['active', { kind: 'boolean', value: sql`active` }],
  ['displayname', text(sql`attributes ->> 'displayName'`)],
  ['name.formatted', nameOf('formatted')],
  ['name.givenname', nameOf('givenName')],
  ['name.familyname', nameOf('familyName')],
  [
    'emails',
    {
      kind: 'many',
      rows: sql`jsonb_array_elements(attributes -> 'emails') as email`,
      parts: new Map([
        ['value', email('value')],
        ['type', email('type')],
      ]),
    },
  ],
  ['meta.created', { kind: 'time', value: sql`created_at` }],
  ['meta.lastmodified', { kind: 'time', value: sql`updated_at` }],
]);

/** A person's columns and attributes as they are stored: nulls are left out. */
export function toStoredUser({ userName, externalId, active, ...rest }: ScimUserInput) {
  const attributes: ScimUserAttributes = JSON.parse(JSON.stringify(rest, (_, value) => value ?? undefined));
  const { displayName, name, emails } = attributes;
  const fullName = [name?.givenName, name?.familyName].filter(Boolean).join(' ');
  const address = emails?.find(({ primary }) => primary)?.value || emails?.[0]?.value || userName;
  return {
    userName,
    externalId: externalId || null,
    active: active ?? null,
    attributes,
    /** How the person is shown; they are not known by either. */
    email: address,
    name: displayName || name?.formatted || fullName || userName,
  };
}
