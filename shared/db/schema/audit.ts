import { bigint, customType, inet, integer, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, id, json, tenantId, time } from './columns.ts';

/** Read and written as text by SQL that encodes and decodes it; drizzle's queries do not touch it. */
const bytea = customType<{ data: string }>({ dataType: () => 'bytea' });
const count = () => bigint({ mode: 'number' });

/** Append-only: nobody may change a row. `entry` and `leafHash` are written by the database itself. */
export const auditLogs = pgTable(
  'audit_logs',
  {
    id: id(),
    tenantId: tenantId(),
    actorUserId: uuid(),
    actorApiKeyId: uuid(),
    action: text().notNull(),
    targetType: text().notNull(),
    targetId: text(),
    ip: inet(),
    userAgent: text(),
    metadata: json().notNull().default({}),
    createdAt: createdAt(),
    entry: bytea().notNull(),
    leafHash: bytea().notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);

/** Entries that no signed checkpoint covers yet. */
export const auditPending = pgTable(
  'audit_pending',
  { tenantId: tenantId(), entryId: uuid().notNull(), createdAt: createdAt() },
  (table) => [primaryKey({ columns: [table.tenantId, table.entryId] })],
);

/** How many entries a tenant's tree has, and the first that was not rolled off. */
export const auditTrees = pgTable('audit_trees', {
  tenantId: uuid().primaryKey(),
  size: count().notNull(),
  first: count().notNull().default(0),
});

/** Hashes of complete subtrees of a tenant's tree; those of level 0 are its entries'. */
export const auditNodes = pgTable(
  'audit_nodes',
  {
    tenantId: tenantId(),
    level: smallint().notNull(),
    position: count().notNull(),
    hash: bytea().notNull(),
    entryId: uuid(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.level, table.position] })],
);

/** Signed checkpoints, as notes. */
export const auditCheckpoints = pgTable(
  'audit_checkpoints',
  { tenantId: tenantId(), size: count().notNull(), note: text().notNull(), createdAt: createdAt() },
  (table) => [primaryKey({ columns: [table.tenantId, table.size] })],
);

/** Public keys that checkpoints were signed by: the platform's own. */
export const auditKeys = pgTable('audit_keys', { publicKey: text().primaryKey(), createdAt: createdAt() });

/** Where checkpoints are sent, and how far that is. `encryptedSecret` is an envelope that only the vault opens. */
export const auditLogDestinations = pgTable(
  'audit_log_destinations',
  {
    id: id(),
    tenantId: tenantId(),
    name: text().notNull(),
    kind: text({ enum: ['webhook', 's3'] }).notNull(),
    url: text().notNull(),
    bucket: text(),
    region: text(),
    accessKeyId: text(),
    encryptedSecret: text().notNull(),
    newestSize: count().notNull().default(0),
    deliveredSize: count().notNull().default(0),
    deliveredAt: time(),
    failures: integer().notNull().default(0),
    lastError: text(),
    nextTryAt: time().notNull().defaultNow(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
);
