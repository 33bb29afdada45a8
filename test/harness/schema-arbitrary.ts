import fc from 'fast-check';

/** The keywords of JSON Schema (2020-12) that the API description uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  /** Of texts, those that are not among some. */
  readonly not?: { readonly enum: readonly string[] };
}

/** Keywords that this file knows, and those that say nothing of which values are valid. Any other is an error. */
const KNOWN = new Set([
  ...['$ref', 'type', 'enum', 'const', 'properties', 'required', 'additionalProperties', 'items', 'anyOf', 'oneOf'],
  ...['minLength', 'maxLength', 'pattern', 'format', 'minimum', 'maximum', 'exclusiveMinimum', 'minItems', 'maxItems'],
  ...['minProperties', 'not'],
  ...['description', 'example', 'examples', 'title', 'default', 'discriminator'],
]);

/** Deeper than this only what is required is made, so that a schema that contains itself ends. */
const FULL_DEPTH = 4;
const MOST_ITEMS = 3;
const LONGEST_TEXT = 40;

interface SchemaSource {
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** Values for a property of a name, where what is valid depends on what exists: ids, models, issuers. */
  readonly known: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  readonly ids: fc.Arbitrary<string>;
}

/** Values that are valid by a schema. Throws at a keyword that it does not know, so that a new one is not passed over. */
export function validBy(schema: JsonSchema, source: SchemaSource, depth = 0): fc.Arbitrary<unknown> {
  const unknown = Object.keys(schema).filter((key) => !KNOWN.has(key));
  if (unknown.length > 0) throw new Error(`no values can be made for ${unknown.join(', ')}`);
  const { $ref, enum: values, anyOf, oneOf, type } = schema;
  if ($ref !== undefined) return validBy(named($ref, source), source, depth + 1);
  if ('const' in schema) return fc.constant(schema.const);
  if (values !== undefined) return fc.constantFrom(...values);
  const parts = anyOf ?? oneOf;
  if (parts !== undefined) return choice(parts, source, depth);
  const types = type === undefined ? ['any'] : Array.isArray(type) ? type : [type];
  return fc.oneof(...types.map((each) => ofType(each, schema, source, depth)));
}

/** Of several schemas one; where it is deep, one that does not contain others. */
function choice(parts: readonly JsonSchema[], source: SchemaSource, depth: number): fc.Arbitrary<unknown> {
  const flat = parts.filter(
    ({ $ref, properties, items, anyOf, oneOf }) => !($ref || properties || items || anyOf || oneOf),
  );
  const usable = depth > FULL_DEPTH && flat.length > 0 ? flat : parts;
  return fc.oneof(...usable.map((part) => validBy(part, source, depth + 1)));
}

function ofType(type: string, schema: JsonSchema, source: SchemaSource, depth: number): fc.Arbitrary<unknown> {
  if (type === 'object') return objectOf(schema, source, depth);
  if (type === 'array') return listOf(schema, source, depth);
  if (type === 'string') return textOf(schema, source);
  if (type === 'integer') return fc.integer({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1_000_000 });
  if (type === 'number') return numberOf(schema);
  if (type === 'boolean') return fc.boolean();
  if (type === 'null') return fc.constant(null);
  return plainJson();
}

function objectOf(schema: JsonSchema, source: SchemaSource, depth: number): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties: more = {} } = schema;
  const names = Object.keys(properties).filter((name) => depth <= FULL_DEPTH || required.includes(name));
  const record = Object.fromEntries(
    names.map((name) => [name, source.known[name] ?? validBy(properties[name] ?? {}, source, depth + 1)]),
  );
  const described = fc.record(record, { requiredKeys: names.filter((name) => required.includes(name)) });
  if (Object.keys(properties).length > 0 || typeof more === 'boolean') return described;
  const value = Object.keys(more).length === 0 ? plainJson() : validBy(more, source, depth + 1);
  return fc.dictionary(fc.stringMatching(/^[a-z]{1,10}$/), value, { maxKeys: MOST_ITEMS, noNullPrototype: true });
}

function listOf({ items = {}, minItems = 0, maxItems = MOST_ITEMS }: JsonSchema, source: SchemaSource, depth: number) {
  const maxLength = Math.min(maxItems, Math.max(minItems, depth > FULL_DEPTH ? 0 : MOST_ITEMS));
  return fc.array(validBy(items, source, depth + 1), { minLength: minItems, maxLength });
}

/** Texts are trimmed at the edge, and Postgres stores no NUL, so that what is made has neither; and none that is empty. */
function textOf(schema: JsonSchema, { ids }: SchemaSource): fc.Arbitrary<string> {
  const { pattern, format, minLength = 0, maxLength = LONGEST_TEXT } = schema;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length <= maxLength);
  if (format === 'uuid') return ids;
  if (format === 'email') return fc.emailAddress().filter((text) => /^[a-z0-9.]+@[a-z0-9.-]+$/.test(text));
  if (format === 'uri') return fc.webUrl({ validSchemes: ['https'] }).map((url) => url.slice(0, 200));
  if (format === 'date-time')
    return fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString());
  if (format !== undefined) throw new Error(`no values can be made for the format ${format}`);
  const most = Math.min(maxLength, Math.max(LONGEST_TEXT, minLength));
  return fc
    .string({ unit: CHARACTER, minLength: Math.max(1, minLength), maxLength: Math.max(1, Math.floor(most / 2)) })
    .filter((text) => text.trim() === text && text.length <= most);
}

/** Plain ones, those that mean something somewhere, and some of several code units. */
const CHARACTER = fc.constantFrom(
  ...'abcXYZ019 .-_/\\\'"<>&%$#@!?*()[]{}=+,;:|~`^',
  ...['é', 'ß', 'Σ', 'ж', 'א', '中', '한', '\u202e', '\u0301', '\u00a0', '\t', '\n', '€', '𝒳', '🧃', '👩‍👧'],
);

function numberOf({ minimum = -1000, maximum = 1_000_000, exclusiveMinimum }: JsonSchema): fc.Arbitrary<number> {
  const [min, max] = [
    Math.ceil((exclusiveMinimum ?? minimum) * 100) + (exclusiveMinimum === undefined ? 0 : 1),
    Math.floor(maximum * 100),
  ];
  return fc.integer({ min, max }).map((hundredths) => hundredths / 100);
}

function plainJson(): fc.Arbitrary<unknown> {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  return fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: MOST_ITEMS }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,10}$/), leaf, { maxKeys: MOST_ITEMS, noNullPrototype: true }),
  );
}

function named($ref: string, { schemas }: SchemaSource): JsonSchema {
  const schema = schemas[$ref.replace('#/components/schemas/', '')];
  if (!schema) throw new Error(`no schema ${$ref}`);
  return schema;
}

/** What a value is replaced by to make it invalid. */
const STRAY = [null, true, -1, 1.5, 1e21, '', ' ', 'no such value', 'x'.repeat(5_000), [], [null], {}, { stray: 1 }];

/**
 * Values that are not valid by a schema: valid ones with a single value at any depth replaced, left out or added, of which
 * those are kept that `isValid` refuses.
 */
export function invalidBy(valid: fc.Arbitrary<unknown>, isValid: (value: unknown) => boolean): fc.Arbitrary<unknown> {
  const spoilt = valid.chain((value) => {
    const change = fc.oneof(
      ...[fc.constantFrom(...STRAY).map((by) => () => by), fc.constant(() => undefined)],
      fc.constant((old: unknown) =>
        typeof old === 'object' && old !== null && !Array.isArray(old) ? { ...old, stray: 1 } : [old],
      ),
    );
    return fc.tuple(fc.constantFrom(...pathsOf(value)), change).map(([path, by]) => changed(value, path, by) ?? null);
  });
  return spoilt.filter((value) => !isValid(value));
}

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** A copy with what is at a path changed; left out, where it becomes `undefined`. */
function changed(value: unknown, [key, ...rest]: readonly string[], by: (old: unknown) => unknown): unknown {
  if (key === undefined) return by(value);
  if (Array.isArray(value))
    return value.map((item, at) => (String(at) === key ? (changed(item, rest, by) ?? null) : item));
  const inner: unknown = Reflect.get(Object(value), key);
  return { ...Object(value), [key]: changed(inner, rest, by) };
}
