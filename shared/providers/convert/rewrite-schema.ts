import type { JsonSchema } from '../contract.ts';

const MAPS_OF_SCHEMAS = ['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'];
const LISTS_OF_SCHEMAS = ['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems'];
const SCHEMAS = ['additionalProperties', 'contains', 'else', 'if', 'items', 'not', 'propertyNames', 'then'];

/** Tells an object schema from the boolean ones and from what is no schema. */
export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Applies `rewrite` to a schema and all schemas in it, the inner ones first. Leaves boolean schemas as they are. */
export function rewriteSchema(schema: JsonSchema, rewrite: (node: JsonSchema) => JsonSchema): JsonSchema {
  const inner = (value: unknown) => (isSchema(value) ? rewriteSchema(value, rewrite) : value);
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (LISTS_OF_SCHEMAS.includes(keyword) && Array.isArray(value)) return [keyword, value.map(inner)];
    if (SCHEMAS.includes(keyword)) return [keyword, inner(value)];
    if (!MAPS_OF_SCHEMAS.includes(keyword) || !isSchema(value)) return [keyword, value];
    return [keyword, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inner(each)]))];
  });
  return rewrite(Object.fromEntries(entries));
}

/** Moves keywords into the description, where they bind nobody and the model still reads them. */
export function describeKeywords(schema: JsonSchema, keywords: readonly string[]): JsonSchema {
  if (keywords.length === 0) return schema;
  const sentences = typeof schema.description === 'string' ? [schema.description] : [];
  for (const keyword of keywords) sentences.push(`${keyword}: ${JSON.stringify(schema[keyword])}`);
  const kept = Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword));
  return { ...Object.fromEntries(kept), description: sentences.join('\n') };
}

/** The warning for keywords that `describeKeywords` moved. */
export function describedWarning(keywords: Iterable<string>): string[] {
  const names = [...new Set(keywords)].sort();
  if (names.length === 0) return [];
  return [`the provider does not enforce ${names.join(', ')} of a schema: the model is only told of it`];
}
