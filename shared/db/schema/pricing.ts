import { integer, numeric, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { PROVIDERS } from '../../contracts/names.ts';
import { createdAt } from './columns.ts';

/** One list of prices. Its id is derived from its content, so the same list is never stored twice. */
export const priceVersions = pgTable('price_versions', {
  id: uuid().primaryKey(),
  source: text().notNull(),
  createdAt: createdAt(),
});

/** A price per token (`request`: per request), from `fromInputTokens` input tokens of one request upwards. */
export const prices = pgTable(
  'prices',
  {
    priceVersionId: uuid().notNull(),
    provider: text({ enum: PROVIDERS }).notNull(),
    model: text().notNull(),
    contextTokens: integer(),
    kind: text({ enum: ['input', 'cached_input', 'cache_write', 'output', 'request'] }).notNull(),
    fromInputTokens: integer().notNull().default(0),
    picoUsdPerUnit: numeric({ precision: 38, scale: 0 }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.priceVersionId, table.provider, table.model, table.kind, table.fromInputTokens] }),
  ],
);
