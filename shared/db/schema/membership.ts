import { pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, id, tenantId, time } from './columns.ts';

/** Who is asked to join, and as what. `tokenHash` is the token's SHA-256; the token itself is nowhere stored. */
export const invitations = pgTable(
  'invitations',
  {
    id: id(),
    tenantId: tenantId(),
    email: text().notNull(),
    roleIds: uuid().array().notNull().default([]),
    tokenHash: text().notNull(),
    invitedBy: uuid(),
    expiresAt: time().notNull(),
    acceptedAt: time(),
    acceptedBy: uuid(),
    revokedAt: time(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);
