const MARK = '$exact';

/** JSON in which integers of any size, and what never ends, survive: money is never a number. */
export function exactText(value: unknown): string {
  return JSON.stringify(value, (_key, part) =>
    typeof part === 'bigint' || part === Number.POSITIVE_INFINITY ? { [MARK]: String(part) } : part,
  );
}

/** Reads what `exactText` wrote. */
export function exactParse(text: string): unknown {
  return JSON.parse(text, (_key, part) =>
    typeof part === 'object' && part !== null && MARK in part ? exact(part[MARK]) : part,
  );
}

function exact(text: string): bigint | number {
  return text === 'Infinity' ? Number.POSITIVE_INFINITY : BigInt(text);
}
