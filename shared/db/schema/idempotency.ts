import { pgTable, primaryKey, uuid } from 'drizzle-orm/pg-core';
import { createdAt, tenantId } from './columns.ts';

/** What requests with an Idempotency-Key have changed. Rows of more than two days mean nothing. */
export const idempotentEffects = pgTable(
  'idempotent_effects',
  {
    tenantId: tenantId(),
    effectId: uuid().notNull(),
    requestId: uuid().notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.effectId] })],
);
