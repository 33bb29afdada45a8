/** A string of JSON, or a character that opens or ends something. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/**
 * If an object within a JSON text names one of its members twice. Readers differ in which of the two they take
 * (RFC 8259, section 4), so what decides about trust must refuse them. The text must be JSON.
 */
export function hasDuplicateNames(json: string): boolean {
  /** The names of every object that is open; null for an array. */
  const open: (Set<string> | null)[] = [];
  let isName = false;
  for (const [token] of json.matchAll(TOKENS)) {
    const names = open.at(-1);
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (isName && names && token.startsWith('"')) {
      const name: string = JSON.parse(token);
      if (names.has(name)) return true;
      names.add(name);
    }
    isName = token === '{' || (token === ',' && open.at(-1) !== null);
  }
  return false;
}
