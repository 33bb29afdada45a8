type Schema = Readonly<Record<string, unknown>>;

/** Keywords of the arbitrary schemas that bind an answer with OpenAI alone. */
const TOLD_ONLY = ['minLength', 'pattern'];

/** Phrases of the warnings for the keywords of a schema that a provider reads in its description only. */
export function toldOnly(schema: unknown): string[] {
  const found = new Set<string>();
  rewrite(schema, (node) => {
    for (const keyword of TOLD_ONLY) if (keyword in node) found.add(keyword);
    return node;
  });
  return found.size > 0 ? [`does not enforce ${[...found].sort().join(', ')} of a schema`] : [];
}

/** If OpenAI can be held to a schema: it knows none of these keywords then. */
export function isStrictable(schema: unknown): boolean {
  let isPlain = true;
  rewrite(schema, (node) => {
    isPlain &&= ![...TOLD_ONLY, 'format'].some((keyword) => keyword in node);
    return node;
  });
  return isPlain;
}

/** A schema with the keywords that were moved into a description back in their place. */
export function untold(schema: unknown): unknown {
  return rewrite(schema, ({ description, ...node }) => {
    if (typeof description !== 'string') return node;
    const lines = description.split('\n');
    const isMoved = (line: string) => TOLD_ONLY.some((keyword) => line.startsWith(`${keyword}: `));
    const moved = lines.filter(isMoved).map((line): [string, unknown] => {
      const [keyword = ''] = line.split(': ', 1);
      return [keyword, JSON.parse(line.slice(keyword.length + 2))];
    });
    const own = lines.filter((line) => !isMoved(line)).join('\n');
    return { ...node, ...(own && { description: own }), ...Object.fromEntries(moved) };
  });
}

/** A schema whose root is closed, as some providers have all of them. */
export function closed(schema: unknown): unknown {
  return isSchema(schema) ? { ...schema, additionalProperties: false } : schema;
}

function rewrite(schema: unknown, change: (node: Schema) => Schema): unknown {
  if (!isSchema(schema)) return schema;
  const { properties, items, ...rest } = schema;
  return change({
    ...rest,
    ...(items !== undefined && { items: rewrite(items, change) }),
    ...(isSchema(properties) && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, rewrite(each, change)])),
    }),
  });
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
