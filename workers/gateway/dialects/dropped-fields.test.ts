import { expect, it } from 'vitest';
import { droppedFields } from './dropped-fields.ts';

it('names what a parser left out, outermost and by its place', () => {
  const body = { kept: 1, gone: { deep: 1 }, none: null, list: [{ a: 1, 'x/y~z': 2 }, { a: 3 }], text: 'x' };
  const parsed = { kept: 1, list: [{ a: 1 }, { a: 3 }], text: 'x', added: true };
  expect(droppedFields(body, parsed)).toEqual(['/gone', '/list/0/x~1y~0z']);
});

it('has nothing to say of what was kept, or made into something else', () => {
  const body = { a: [1, 2], b: null, c: { d: 'x' }, e: { f: 1 } };
  expect(droppedFields(body, { a: [1, 2], b: null, c: { d: 'x' }, e: 'now a text' })).toEqual([]);
});
