import { describe, expect, it } from 'vitest';
import { allowsStrict } from './allows-strict.ts';

const closed = (properties: object, over: object = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...over,
});

describe('a schema', () => {
  it.each([
    ['closed and complete', closed({ a: { type: 'string' }, b: { type: ['number', 'null'] } })],
    [
      'nested',
      closed({ a: { type: 'array', items: closed({ b: { anyOf: [{ type: 'string' }, { type: 'null' }] } }) } }),
    ],
    ['recursive', closed({ next: { $ref: '#/$defs/node' } }, { $defs: { node: closed({ v: { const: 1 } }) } })],
  ])('that is %s is enforced', (_, schema) => {
    expect(allowsStrict(schema)).toBe(true);
  });

  it.each([
    ['open', closed({}, { additionalProperties: true })],
    ['with an optional property', closed({ a: { type: 'string' } }, { required: [] })],
    ['open further in', closed({ a: { type: 'object', properties: {} } })],
    ['open in a definition', closed({}, { $defs: { a: { type: 'object' } } })],
    ['with a keyword that strict mode may refuse', closed({ a: { type: 'string', contentEncoding: 'base64' } })],
    ['a list', { type: 'array', items: { type: 'string' } }],
    ['too deep', Array.from({ length: 12 }).reduce<object>((inner) => closed({ inner }), { type: 'string' })],
    ['not one at all', { type: 'object', properties: 3 }],
  ])('that is %s stays a hint', (_, schema) => {
    expect(allowsStrict({ ...schema })).toBe(false);
  });
});
