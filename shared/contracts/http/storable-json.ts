/** If Postgres can store a JSON value as `jsonb`, which takes neither NUL characters nor lone surrogates. */
export function isStorableJson(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (Array.isArray(value)) return value.every(isStorableJson);
  if (value === null || typeof value !== 'object') return true;
  return Object.entries(value).every(([key, part]) => isStorableJson(key) && isStorableJson(part));
}
