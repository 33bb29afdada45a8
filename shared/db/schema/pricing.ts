import { integer, numeric, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { PROVIDERS } from '../../contracts/names.ts';
import { PRICE_KINDS } from '../../contracts/tenant-snapshot.ts';
import { createdAt, tenantId } from './columns.ts';

/** One list of prices. Its id is derived from its content, so the same list is never stored twice. */
export const priceVersions = pgTable('price_versions', {
  id: uuid().primaryKey(),
  source: text().notNull(),
  createdAt: createdAt(),
});

/** A price per token, search or request, from `fromInputTokens` input tokens of one request upwards. */
export const prices = pgTable(
  'prices',
  {
    priceVersionId: uuid().notNull(),
    provider: text({ enum: PROVIDERS }).notNull(),
    model: text().notNull(),
    contextTokens: integer(),
    kind: text({ enum: PRICE_KINDS }).notNull(),
    fromInputTokens: integer().notNull().default(0),
    picoUsdPerUnit: numeric({ precision: 38, scale: 0 }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.priceVersionId, table.provider, table.model, table.kind, table.fromInputTokens] }),
  ],
);

/** A tenant's own prices: those of a model and kind replace all that the catalogue has for them. */
export const priceOverrides = pgTable(
  'price_overrides',
  {
    tenantId: tenantId(),
    provider: text({ enum: PROVIDERS }).notNull(),
    model: text().notNull(),
    kind: text({ enum: PRICE_KINDS }).notNull(),
    fromInputTokens: integer().notNull().default(0),
    picoUsdPerUnit: numeric({ precision: 38, scale: 0 }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.provider, table.model, table.kind, table.fromInputTokens] }),
  ],
);
