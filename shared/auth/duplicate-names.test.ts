import { expect, it } from 'vitest';
import { hasDuplicateNames } from './duplicate-names.ts';

it.each([
  '{"a":1,"a":2}',
  '{"a":1,"b":{"c":[{"d":1,"d":1}]}}',
  '{"a":1,"\\u0061":2}',
  '{"a,\\"":[1],"b":"a","a,\\"":2}',
  '[{"a":{}, "b":[], "a":[]}]',
])('finds a name that an object has twice: %s', (json) => {
  expect(hasDuplicateNames(json)).toBe(true);
});

it.each([
  '{}',
  '[]',
  '"a"',
  '{"a":"a","b":["a","a"],"c":{"a":1}}',
  '[{"a":1},{"a":1}]',
  '{"a":"\\",\\"a\\":1","b":"{\\"a\\":1,\\"a\\":1}"}',
])('leaves alone what only looks like it: %s', (json) => {
  expect(hasDuplicateNames(json)).toBe(false);
});
