/** What the database, or the way to it, says: the innermost of an error's messages, without the statement and its values. */
export function databaseMessage(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return current instanceof Error ? current.message : String(current);
}
