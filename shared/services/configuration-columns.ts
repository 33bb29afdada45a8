import { type SQL, sql } from 'drizzle-orm';
import type { Row } from './change-configuration.ts';

/** A time as ISO 8601 in UTC; null stays null. `column` is the name of a timestamptz. */
export function isoText(column: string): SQL {
  return sql`to_char(${sql.identifier(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** When a row was made, as ISO 8601 in UTC. */
export const createdAtText = isoText('created_at');

/** The columns that have a value, null included. */
export function givenColumns(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}
