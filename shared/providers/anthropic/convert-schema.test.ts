import { expect, it } from 'vitest';
import { convertSchema } from './convert-schema.ts';

/** https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations */
it('a schema for Anthropic closes its objects, tells what is not enforced, and warns', () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      kind: { oneOf: [{ const: 'a' }, { const: 'b' }] },
      both: { anyOf: [{ type: 'string' }], oneOf: [{ type: 'string' }] },
      list: { type: 'array', items: { $ref: '#/$defs/item' }, minItems: 2 },
      map: { type: 'object', additionalProperties: { type: 'string' } },
      when: { type: 'string', format: 'date' },
      shape: { type: 'string', format: 'polygon', description: 'As text.' },
    },
    $defs: { item: { allOf: [{ type: 'object', properties: { a: { type: 'number' } } }, { required: ['a'] }] } },
  };
  const item = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false };
  expect(convertSchema(schema)).toEqual({
    schema: {
      type: 'object',
      properties: {
        kind: { anyOf: [{ const: 'a' }, { const: 'b' }] },
        both: { anyOf: [{ type: 'string' }], description: 'oneOf: [{"type":"string"}]' },
        list: { type: 'array', items: { $ref: '#/$defs/item' }, description: 'minItems: 2' },
        map: { type: 'object', description: 'additionalProperties: {"type":"string"}', additionalProperties: false },
        when: { type: 'string', format: 'date' },
        shape: { type: 'string', description: 'As text.\nformat: "polygon"' },
      },
      additionalProperties: false,
      $defs: { item },
    },
    warnings: [
      'the provider does not enforce additionalProperties, format, minItems, oneOf of a schema: the model is only told of it',
    ],
  });
});
