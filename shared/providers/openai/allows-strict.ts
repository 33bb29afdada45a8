import type { JsonSchema } from '../contract.ts';

/** The keywords that strict mode has. Any other one, and it refuses the schema. */
const KEYWORDS: ReadonlySet<string> = new Set([
  '$defs',
  '$ref',
  'additionalProperties',
  'anyOf',
  'const',
  'description',
  'enum',
  'items',
  'properties',
  'required',
  'title',
  'type',
]);

/**
 * Whether a schema is certainly one of those that OpenAI enforces: objects that are closed and whose properties are all
 * required, at most ten deep, an object at the root. An optional property is a choice of the caller's, which strict mode
 * would refuse, and whose schema is then a hint. https://developers.openai.com/api/docs/guides/structured-outputs
 */
export function allowsStrict(schema: JsonSchema): boolean {
  return schema.type === 'object' && isStrict(schema, 10);
}

function isStrict(schema: unknown, depth: number): boolean {
  if (!isObject(schema) || depth === 0 || !Object.keys(schema).every((key) => KEYWORDS.has(key))) return false;
  const { type, properties, required, additionalProperties, items, anyOf, $defs } = schema;
  const isObjectType = type === 'object' || (Array.isArray(type) && type.includes('object'));
  if (isObjectType || properties !== undefined) {
    const names = isObject(properties) ? Object.keys(properties) : [];
    const areRequired = names.every((name) => Array.isArray(required) && required.includes(name));
    if (additionalProperties !== false || !isObject(properties) || !areRequired) return false;
  }
  const nested = [properties, $defs].flatMap((it) => (isObject(it) ? Object.values(it) : []));
  if (Array.isArray(anyOf)) nested.push(...anyOf);
  if (items !== undefined) nested.push(items);
  return nested.every((it) => isStrict(it, depth - 1));
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
