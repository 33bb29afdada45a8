import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { JsonSchema } from '../contract.ts';
import { convertSchema } from './convert-schema.ts';

const text = { type: 'string' } as const;
const told = (keyword: string) => `the provider does not enforce ${keyword} of a schema: the model is only told of it`;

describe('a schema for Gemini', () => {
  it('stays as it is where Gemini reads all of it', () => {
    const schema = {
      $defs: { point: { type: 'array', prefixItems: [{ type: 'number' }, { type: 'number' }], maxItems: 2 } },
      type: 'object',
      title: 'Shape',
      description: 'A shape',
      properties: {
        kind: { type: 'string', enum: ['circle', 'square'] },
        at: { $ref: '#/$defs/point' },
        name: { type: ['string', 'null'], format: 'date-time' },
        size: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] },
        more: { type: 'object', additionalProperties: { type: 'boolean' } },
      },
      required: ['kind'],
      additionalProperties: false,
      propertyOrdering: ['kind', 'at'],
    };
    expect(convertSchema(schema)).toEqual({ schema, warnings: [] });
  });

  it.each<[string, JsonSchema, JsonSchema]>([
    ['a constant', { const: 'a' }, { enum: ['a'] }],
    ['nothing', { const: null }, { anyOf: [{ type: 'null' }] }],
    [
      'an enum that may be nothing',
      { type: ['string', 'null'], enum: ['a', null] },
      { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] },
    ],
    [
      'limits of integers',
      { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 2.5, maximum: 9 },
      { type: 'integer', minimum: 1, maximum: 2 },
    ],
    [
      'an intersection',
      {
        allOf: [
          { type: 'object', properties: { a: text }, required: ['a'] },
          { properties: { b: text }, required: ['b'] },
        ],
      },
      { type: 'object', properties: { a: text, b: text }, required: ['a', 'b'] },
    ],
    [
      'a described reference',
      { $ref: '#/$defs/a', description: 'x' },
      { anyOf: [{ $ref: '#/$defs/a' }], description: 'x' },
    ],
    [
      'definitions of old',
      { $schema: 'http://json-schema.org/draft-07/schema#', definitions: { a: text }, $ref: '#/definitions/a' },
      { $defs: { a: text }, $ref: '#/$defs/a' },
    ],
    ['tuples of old', { type: 'array', items: [{ const: 1 }] }, { type: 'array', prefixItems: [{ enum: [1] }] }],
    [
      'a default',
      { ...text, default: 'a', description: 'A letter.' },
      { ...text, description: 'A letter.\ndefault: "a"' },
    ],
  ])('says %s in its own words', (_name, schema, expected) => {
    expect(convertSchema(schema)).toEqual({ schema: expected, warnings: [] });
  });

  it.each<[string, JsonSchema, JsonSchema]>([
    ['pattern', { ...text, pattern: '^a+$' }, { ...text, description: 'pattern: "^a+$"' }],
    [
      'exclusiveMinimum',
      { type: 'number', exclusiveMinimum: 0 },
      { type: 'number', description: 'exclusiveMinimum: 0' },
    ],
    ['const', { const: true }, { anyOf: [{ type: 'boolean', description: 'const: true' }] }],
    ['enum', { enum: [[1]] }, { anyOf: [{ type: 'array', description: 'const: [1]' }] }],
    ['not', { not: { pattern: 'a' } }, { description: 'not: {"description":"pattern: \\"a\\""}' }],
    [
      'allOf',
      {
        allOf: [
          { ...text, minLength: 1 },
          { ...text, minLength: 2 },
        ],
      },
      { description: expect.stringContaining('allOf: ') },
    ],
  ])('tells of %s, and warns', (keyword, schema, expected) => {
    const converted = convertSchema(schema);
    expect(converted.schema).toEqual(expected);
    expect(converted.warnings.join()).toContain(keyword);
  });

  it('warns once for each keyword, in one sentence', () => {
    const properties = { a: { ...text, pattern: 'a', maxLength: 2 }, b: { ...text, pattern: 'b' } };
    expect(convertSchema({ properties }).warnings).toEqual([told('maxLength, pattern')]);
  });

  it.each<[JsonSchema, boolean]>([
    [{ properties: { child: { $ref: '#' } } }, true],
    [{ $ref: '#/$defs/node', $defs: { node: { properties: { next: { $ref: '#/$defs/node' } } } } }, true],
    [{ $defs: { a: { items: { $ref: '#/$defs/b' } }, b: { items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' }, true],
    [{ $defs: { a: { items: { $ref: '#/$defs/b' } }, b: text }, $ref: '#/$defs/a' }, false],
  ])('keeps references of %j, and warns of those that lead back: %j', (schema, isRecursive) => {
    const converted = convertSchema(schema);
    expect(converted.schema).toEqual(schema);
    expect(converted.warnings.join()).toBe(
      isRecursive ? 'a schema that contains itself is followed to a limited depth: the provider unrolls it' : '',
    );
  });
});

describe('any schema', () => {
  const literal = fc.constantFrom('a', 'b', 1, 2, null, true);
  const count = fc.integer({ min: -1, max: 3 });
  const objectOf = (name: string, nested: fc.Arbitrary<JsonSchema>) =>
    fc.record({
      type: fc.constant('object'),
      properties: fc.record({ [name]: nested }),
      required: fc.subarray([name]),
    });
  const { schema } = fc.letrec<{ schema: JsonSchema }>((tie) => {
    const nested = tie('schema');
    return {
      schema: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.constant<JsonSchema>(text),
        fc.record({ const: literal }),
        fc.record({ enum: fc.uniqueArray(literal, { minLength: 1 }) }),
        fc.constant<JsonSchema>({ $ref: '#/$defs/word' }),
        fc.record(
          { type: fc.constant('integer'), minimum: count, exclusiveMinimum: count, exclusiveMaximum: count },
          { requiredKeys: ['type'] },
        ),
        fc.record({ type: fc.constant('array'), items: nested, maxItems: count }, { requiredKeys: ['type', 'items'] }),
        objectOf('x', nested),
        fc.record({ anyOf: fc.array(nested, { minLength: 1, maxLength: 3 }) }),
        fc.record({ allOf: fc.tuple(objectOf('x', nested), objectOf('y', nested)) }),
      ),
    };
  });
  const value = fc.oneof(
    literal,
    fc.integer({ min: -2, max: 4 }),
    fc.array(literal, { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('x', 'y'), fc.oneof(literal, fc.array(literal, { maxLength: 2 })), {
      noNullPrototype: true,
    }),
  );
  const withWords = (root: JsonSchema): JsonSchema => ({ ...root, $defs: { word: { enum: ['a', 'b'] } } });
  const accepts = (root: JsonSchema, given: unknown) => z.fromJSONSchema(root).safeParse(given).success;

  it('means the same when nothing was only told, and refuses nothing that it accepted otherwise', () => {
    fc.assert(
      fc.property(schema, fc.array(value, { minLength: 5, maxLength: 20 }), (root, values) => {
        const original = withWords(root);
        const converted = convertSchema(original);
        for (const given of values) {
          if (converted.warnings.length === 0) expect(accepts(converted.schema, given)).toBe(accepts(original, given));
          else if (accepts(original, given)) expect(accepts(converted.schema, given)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is converted once for all', () => {
    fc.assert(
      fc.property(schema, (root) => {
        const { schema: once } = convertSchema(withWords(root));
        expect(convertSchema(once)).toEqual({ schema: once, warnings: [] });
      }),
    );
  });
});
