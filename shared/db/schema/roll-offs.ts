import { bigint, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { createdAt, json, tenantId, time } from './columns.ts';

export const ROLLED_OFF = ['requests', 'hours'] as const;
export const ROLL_OFF_STATUSES = ['archiving', 'deleting', 'done'] as const;

/** What of a tenant's records was rolled off, by day (UTC). A row is there before the first record goes. */
export const rollOffs = pgTable(
  'roll_offs',
  {
    tenantId: tenantId(),
    what: text({ enum: ROLLED_OFF }).notNull(),
    day: time().notNull(),
    status: text({ enum: ROLL_OFF_STATUSES }).notNull().default('archiving'),
    parts: json().notNull().default([]),
    rows: bigint({ mode: 'number' }).notNull().default(0),
    createdAt: createdAt(),
    updatedAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.what, table.day] })],
);
