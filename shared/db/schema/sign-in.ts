import { boolean, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, id, tenantId, time } from './columns.ts';

/** A person's browser that is signed in. They belong to a person, not to a tenant. */
export const sessions = pgTable('sessions', {
  id: uuid().primaryKey().defaultRandom(),
  userId: uuid().notNull(),
  /** SHA-256 of the token, which is in a cookie only. */
  tokenHash: text().notNull(),
  /** Fingerprint of what the person could do when the token was given out. */
  rights: text().notNull(),
  issuer: text().notNull(),
  subject: text().notNull(),
  /** The session at the identity provider. */
  sid: text(),
  /** The only tenant, and the only environment, that it is for; null: all of the person's. */
  homeTenantId: uuid(),
  homeEnvironmentId: uuid(),
  ip: text(),
  userAgent: text(),
  createdAt: createdAt(),
  lastSeenAt: createdAt(),
});

/** Logout tokens that were taken, until they expire: each is taken once. */
export const usedLogoutTokens = pgTable(
  'used_logout_tokens',
  {
    issuer: text().notNull(),
    jti: text().notNull(),
    expiresAt: time().notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.issuer, table.jti] })],
);

/** A tenant's own identity provider. */
export const identityProviders = pgTable(
  'identity_providers',
  {
    id: id(),
    tenantId: tenantId(),
    /** Null: for every environment. */
    environmentId: uuid(),
    name: text().notNull(),
    issuer: text().notNull(),
    clientId: text().notNull(),
    /** Null: a public client. */
    encryptedClientSecret: text(),
    /** Empty: any. */
    emailDomains: text().array().notNull().default([]),
    /** The role of who signs in for the first time; null: somebody has to give them one. */
    defaultRoleId: uuid(),
    /** The claim of its ID tokens that says what SCIM calls `externalId`. */
    externalIdClaim: text({ enum: ['sub', 'oid'] })
      .notNull()
      .default('sub'),
    enabled: boolean().notNull().default(true),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);
