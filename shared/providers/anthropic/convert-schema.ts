import type { JsonSchema } from '../contract.ts';
import { mergeAllOf } from '../convert/merge-all-of.ts';
import { describedWarning, describeKeywords, isSchema, rewriteSchema } from '../convert/rewrite-schema.ts';

const KEYWORDS: ReadonlySet<string> = new Set([
  ...['$defs', '$ref', 'additionalProperties', 'allOf', 'anyOf', 'const', 'default', 'definitions', 'description'],
  ...['enum', 'format', 'items', 'minItems', 'properties', 'required', 'title', 'type'],
]);
const FORMATS: ReadonlySet<unknown> = new Set([
  ...['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'],
]);

/**
 * A schema as Anthropic enforces it: objects are closed, `oneOf` is `anyOf`, and what it refuses is told in the
 * description, as its SDK does. What fits the result fits the original but for what was only told.
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */
export function convertSchema(schema: JsonSchema): { schema: JsonSchema; warnings: readonly string[] } {
  const described: string[] = [];
  const converted = rewriteSchema(rewriteSchema(schema, mergeAllOf), (node) => {
    const { $schema: _, $comment: __, ...union } = withAnyOf(node);
    const refused = Object.keys(union).filter((keyword) => !isEnforced(keyword, union[keyword]));
    described.push(...refused);
    const kept = describeKeywords(union, refused);
    const isObject = kept.type === 'object' || isSchema(kept.properties);
    return isObject ? { ...kept, additionalProperties: false } : kept;
  });
  return { schema: converted, warnings: describedWarning(described) };
}

function withAnyOf(node: JsonSchema): JsonSchema {
  const { oneOf, ...rest } = node;
  return oneOf === undefined || rest.anyOf !== undefined ? node : { ...rest, anyOf: oneOf };
}

function isEnforced(keyword: string, value: unknown): boolean {
  if (keyword === 'additionalProperties') return typeof value === 'boolean';
  if (keyword === 'format') return FORMATS.has(value);
  if (keyword === 'minItems') return value === 0 || value === 1;
  return KEYWORDS.has(keyword);
}
