/** The JSON pointer (RFC 6901) of a value, by the keys that lead to it; empty for the whole. */
export function toPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
