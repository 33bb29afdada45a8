import { pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, id, tenantId, time } from './columns.ts';

/** Domains of e-mail addresses that a tenant says are its own. Which of them it has proven: `verifiedDomains`. */
export const domains = pgTable(
  'domains',
  {
    id: id(),
    tenantId: tenantId(),
    /** ASCII, lower case. */
    name: text().notNull(),
    /** What the TXT record has to say. */
    challenge: text().notNull(),
    /** The role of who joins; null: nobody does. */
    defaultRoleId: uuid(),
    /** When it was last proven after not being so; null: it is not. A takeover is noted here by the next check. */
    verifiedAt: time(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Which tenant of the region holds a domain: the only table of tenants' rows with a key that spans them. */
export const verifiedDomains = pgTable('verified_domains', {
  name: text().primaryKey(),
  holderId: uuid().notNull(),
  domainId: uuid().notNull(),
  /** As in `domains`. */
  challenge: text().notNull(),
  /** When the record was last there. */
  seenAt: createdAt(),
  /** When it had been gone for too long; null: the holder holds it. */
  lapsedAt: time(),
});

/** Who left a tenant or was removed from it: no domain brings them back. */
export const formerMembers = pgTable(
  'former_members',
  {
    tenantId: tenantId(),
    userId: uuid().notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.userId] })],
);
