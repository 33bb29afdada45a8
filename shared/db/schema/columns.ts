import { jsonb, numeric, timestamp, uuid } from 'drizzle-orm/pg-core';

/** The application sends UUIDv7; the database's default serves rows written by hand. */
export const id = () => uuid().notNull().defaultRandom();

/** Whose row it is. Row-level security compares it with the transaction's tenant. */
export const tenantId = () => uuid().notNull();

/** A point in time, as `Date` in code. */
export const time = () => timestamp({ withTimezone: true });

/** When the row was written, unless the writer knows better. */
export const createdAt = () => time().notNull().defaultNow();

/** US dollars, exact to the pico-dollar; a decimal text in code. */
export const usd = () => numeric({ precision: 26, scale: 12 });

/** Stored JSON is parsed with zod where it is read. */
export const json = () => jsonb().$type<unknown>();
