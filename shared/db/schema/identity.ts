import { boolean, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, id, tenantId, time } from './columns.ts';

/** People belong to no tenant; a tenant sees those whom it gave a role. */
export const users = pgTable('users', {
  id: uuid().primaryKey().defaultRandom(),
  email: text().notNull(),
  name: text().notNull(),
  status: text({ enum: ['active', 'disabled'] })
    .notNull()
    .default('active'),
  /** The tenant whose own identity provider brought them, and which alone they belong to; null: the platform's did. */
  homeTenantId: uuid(),
  emailVerified: boolean().notNull().default(false),
  createdAt: createdAt(),
  updatedAt: createdAt(),
});

/** How a person signs in. `issuer` is the identity provider's; a subject means nothing without it. */
export const identities = pgTable('identities', {
  id: uuid().primaryKey().defaultRandom(),
  userId: uuid().notNull(),
  provider: text({ enum: ['oidc', 'saml', 'password'] }).notNull(),
  issuer: text().notNull().default(''),
  subject: text().notNull(),
  /** As of its person. */
  homeTenantId: uuid(),
  createdAt: createdAt(),
});

/** Global catalogue of rights; see `shared/auth/permissions.ts`. */
export const permissions = pgTable('permissions', {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull(),
  description: text().notNull(),
  createdAt: createdAt(),
});

/** A role without tenant is built in: every tenant may give it, none may change it. */
export const roles = pgTable('roles', {
  id: id(),
  tenantId: uuid(),
  name: text().notNull(),
  description: text().notNull(),
  createdAt: createdAt(),
});

/** Rights of a role, with its role's tenant. */
export const rolePermissions = pgTable('role_permissions', {
  tenantId: uuid(),
  roleId: uuid().notNull(),
  permissionId: uuid().notNull(),
  createdAt: createdAt(),
});

/**
 * Which member has which role. `roleId` is a role of the tenant or a built-in one. `source` is `group` where nothing but
 * groups of their identity provider gives it to them.
 */
export const userRoles = pgTable(
  'user_roles',
  {
    tenantId: tenantId(),
    userId: uuid().notNull(),
    roleId: uuid().notNull(),
    source: text({ enum: ['hand', 'group'] })
      .notNull()
      .default('hand'),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.userId, table.roleId] })],
);

/**
 * `keyHash` is the key's HMAC under the pepper; the key itself is nowhere stored. A null list allows all. `successorId` is
 * the newest key that replaces this one.
 */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: id(),
    tenantId: tenantId(),
    environmentId: uuid().notNull(),
    name: text().notNull(),
    keyPrefix: text().notNull(),
    keyHash: text().notNull(),
    scopes: text().array().notNull().default([]),
    ipAllowList: text().array(),
    models: text().array(),
    rotatedFrom: uuid(),
    successorId: uuid(),
    lastUsedAt: time(),
    expiresAt: time(),
    revokedAt: time(),
    createdBy: uuid(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Values that a tenant keeps with us, sealed by the vault. */
export const secrets = pgTable(
  'secrets',
  {
    id: id(),
    tenantId: tenantId(),
    name: text().notNull(),
    encryptedValue: text().notNull(),
    createdBy: uuid(),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);
