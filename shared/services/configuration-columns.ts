import { sql } from 'drizzle-orm';
import type { Row } from './change-configuration.ts';

/** When a row was made, as ISO 8601 in UTC. */
export const createdAtText = sql`to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The columns that have a value, null included. */
export function givenColumns(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}
