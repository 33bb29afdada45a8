/**
 * SQLSTATE classes of failures that pass by themselves: connection (08), transaction rollback (40), resources (53),
 * operator intervention such as a restart (57), system (58).
 */
const TRANSIENT_CLASSES = new Set(['08', '40', '53', '57', '58']);

/** If a database error may succeed when tried again: an error without an SQLSTATE never reached Postgres. */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined || TRANSIENT_CLASSES.has(state.slice(0, 2));
}

/** The SQLSTATE of an error, looked for along its causes. */
export function sqlState(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ('code' in current && typeof current.code === 'string' && /^[0-9A-Z]{5}$/.test(current.code))
      return current.code;
  }
  return undefined;
}
