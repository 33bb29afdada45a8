import type { JsonSchema } from '../contract.ts';
import { mergeAllOf } from '../convert/merge-all-of.ts';
import { describedWarning, describeKeywords, isSchema, rewriteSchema } from '../convert/rewrite-schema.ts';

/** What the API documents. */
const KEYWORDS: ReadonlySet<string> = new Set([
  ...['$anchor', '$defs', '$id', '$ref', 'additionalProperties', 'anyOf', 'description', 'enum', 'format', 'items'],
  ...['maxItems', 'maximum', 'minItems', 'minimum', 'oneOf', 'prefixItems', 'properties', 'propertyOrdering'],
  ...['required', 'title', 'type'],
]);

/** Keywords that bind no value: they are told, without a warning. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  'default',
  'deprecated',
  'example',
  'examples',
  'readOnly',
  'writeOnly',
]);

const RECURSION_WARNING = 'a schema that contains itself is followed to a limited depth: the provider unrolls it';

/**
 * A schema in the part of JSON Schema that Gemini reads, see `responseJsonSchema` in
 * https://ai.google.dev/api/generate-content#generationconfig. Where there is another way to say the same, it says it;
 * what is left is told in the description and named in a warning.
 */
export function convertSchema(schema: JsonSchema): { schema: JsonSchema; warnings: readonly string[] } {
  const described: string[] = [];
  const converted = rewriteSchema(rewriteSchema(schema, mergeAllOf), (node) => {
    const literals = convertLiterals(convertBounds(modernize(node)), described);
    const { $schema: _, $comment: __, ...translated } = isolateRef(literals, described);
    const unread = Object.keys(translated).filter((keyword) => !KEYWORDS.has(keyword));
    described.push(...unread.filter((keyword) => !ANNOTATIONS.has(keyword)));
    return describeKeywords(translated, unread);
  });
  const warnings = describedWarning(described);
  return { schema: converted, warnings: isRecursive(converted) ? [...warnings, RECURSION_WARNING] : warnings };
}

/** `definitions` and lists of `items` have other names since 2019 and 2020. */
function modernize({ definitions, ...node }: JsonSchema): JsonSchema {
  const { $ref, items, ...rest } = node;
  return {
    ...(Array.isArray(items) ? { ...rest, ...($ref !== undefined && { $ref }), prefixItems: items } : node),
    ...(typeof $ref === 'string' && { $ref: $ref.replace(/^#\/definitions\//, '#/$defs/') }),
    ...(isSchema(definitions) && { $defs: { ...definitions, ...(isSchema(node.$defs) && node.$defs) } }),
  };
}

/** A limit of integers that excludes its own value has a neighbour that does not. */
function convertBounds(node: JsonSchema): JsonSchema {
  const { exclusiveMinimum: above, exclusiveMaximum: below, ...rest } = node;
  if (node.type !== 'integer' || (above === undefined && below === undefined)) return node;
  const limits = {
    minimum: Math.max(Math.floor(Number(above ?? -Infinity)) + 1, Number(rest.minimum ?? -Infinity)),
    maximum: Math.min(Math.ceil(Number(below ?? Infinity)) - 1, Number(rest.maximum ?? Infinity)),
  };
  return { ...rest, ...Object.fromEntries(Object.entries(limits).filter(([, limit]) => Number.isFinite(limit))) };
}

/** `const`, and an `enum` of more than words and numbers, which is all that Gemini reads. */
function convertLiterals(node: JsonSchema, described: string[]): JsonSchema {
  const { const: constant, enum: members, ...rest } = node;
  const values: unknown = constant === undefined ? members : [constant];
  if (!Array.isArray(values)) return node;
  if (values.every((value) => typeof value === 'string' || typeof value === 'number')) return { ...rest, enum: values };
  const { type: __, ...union } = rest;
  const variants = (['string', 'number'] as const).flatMap((type): JsonSchema[] => {
    const ofType = values.filter((value) => typeof value === type);
    return ofType.length > 0 ? [{ type, enum: ofType }] : [];
  });
  for (const value of values) {
    if (value === null) variants.push({ type: 'null' });
    else if (typeof value !== 'string' && typeof value !== 'number') {
      described.push(constant === undefined ? 'enum' : 'const');
      const type = Array.isArray(value) ? 'array' : typeof value;
      variants.push({ type, description: `const: ${JSON.stringify(value)}` });
    }
  }
  return addUnion(union, variants, described);
}

/** Beside `$ref` nothing is read: what stands there moves around it. */
function isolateRef(node: JsonSchema, described: string[]): JsonSchema {
  const { $ref, ...rest } = node;
  if ($ref === undefined || Object.keys(rest).every((keyword) => keyword.startsWith('$'))) return node;
  return addUnion(rest, [{ $ref }], described);
}

/** Gemini reads `oneOf` as it reads `anyOf`, so there is room for two unions. A third one is told. */
function addUnion(node: JsonSchema, variants: readonly JsonSchema[], described: string[]): JsonSchema {
  if (node.anyOf === undefined) return { ...node, anyOf: variants };
  if (node.oneOf === undefined) return { ...node, oneOf: variants };
  described.push('anyOf');
  return describeKeywords({ ...node, 'one of': variants }, ['one of']);
}

/** Whether a definition leads back to itself: what is left when those that lead nowhere are taken away, again and again. */
function isRecursive({ $defs, ...root }: JsonSchema): boolean {
  const open = new Map([['', references(root)]]);
  if (isSchema($defs)) for (const [name, definition] of Object.entries($defs)) open.set(name, references(definition));
  for (let size = -1; size !== open.size; ) {
    size = open.size;
    for (const [name, targets] of open) if (!targets.some((target) => open.has(target))) open.delete(name);
  }
  return open.size > 0;
}

/** The definitions that a schema refers to; the root has no name. */
function references(schema: unknown): string[] {
  const found = JSON.stringify(schema).matchAll(/"\$ref":"#(?:\/\$defs\/([^"/]+))?"/g);
  return [...found].map(([, name]) => name ?? '');
}
