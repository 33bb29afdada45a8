/**
 * JSON as RFC 8785 writes it: names by UTF-16 code units, no white space, numbers and texts as ECMAScript writes them. What
 * the function `canonical_json` of the database answers, too. Values must be JSON.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, child]) => `${JSON.stringify(name)}:${canonicalJson(child)}`);
  return `{${members.join(',')}}`;
}
