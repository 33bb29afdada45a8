import { boolean, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, id, json, tenantId, time } from './columns.ts';

/** What an identity provider may call SCIM with. `tokenHash` is SHA-256; the token itself is nowhere stored. */
export const scimTokens = pgTable(
  'scim_tokens',
  {
    id: id(),
    tenantId: tenantId(),
    identityProviderId: uuid().notNull(),
    name: text().notNull(),
    tokenPrefix: text().notNull(),
    tokenHash: text().notNull(),
    createdBy: uuid(),
    expiresAt: time(),
    revokedAt: time(),
    lastUsedAt: time(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** A person as their identity provider describes them; `id` is the person's. `attributes` is parsed where it is read. */
export const scimUsers = pgTable(
  'scim_users',
  {
    id: id(),
    tenantId: tenantId(),
    identityProviderId: uuid().notNull(),
    userName: text().notNull(),
    externalId: text(),
    active: boolean().notNull().default(true),
    attributes: json().notNull().default({}),
    version: integer().notNull().default(1),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** A group of such people. `roleId` is what its members may do; null: nothing by this group. */
export const scimGroups = pgTable(
  'scim_groups',
  {
    id: id(),
    tenantId: tenantId(),
    identityProviderId: uuid().notNull(),
    displayName: text().notNull(),
    externalId: text(),
    roleId: uuid(),
    version: integer().notNull().default(1),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Who is in which group. */
export const scimGroupMembers = pgTable(
  'scim_group_members',
  { tenantId: tenantId(), groupId: uuid().notNull(), userId: uuid().notNull(), createdAt: createdAt() },
  (table) => [primaryKey({ columns: [table.tenantId, table.groupId, table.userId] })],
);
