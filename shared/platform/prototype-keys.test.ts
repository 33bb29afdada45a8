import { describe, expect, it } from 'vitest';
import { holdsPrototypeKey } from './prototype-keys.ts';

const DEPTH = 32;
const KEYS = [
  '"__proto__":{"polluted":1}',
  '"__proto__":null',
  String.raw`"\u005f_proto__":{"polluted":1}`,
  String.raw`"__pr\u006Fto__":1`,
  '"constructor":{"prototype":{"polluted":1}}',
  String.raw`"\u0063onstructor":{"prototyp\u0065":1}`,
  '"constructor.prototype":{"polluted":1}',
];

/** A JSON text with a member at a depth, in objects and lists by turns. */
function nest(member: string, depth: number): string {
  const inner = depth === 0 ? `{${member}}` : nest(member, depth - 1);
  return depth === 0 ? inner : depth % 2 === 0 ? `{"a":1,"b":${inner}}` : `[1,${inner}]`;
}

describe('I5: a key that leads to a prototype', () => {
  it.each(KEYS)('is found at every depth: %s', (member) => {
    for (let depth = 0; depth < DEPTH; depth++) {
      expect(holdsPrototypeKey(JSON.parse(nest(member, depth)))).toBe(true);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    }
  });

  it.each([
    '"constructor":{"type":"string"}',
    '"prototype":{"constructor":1}',
    '"constructor":"prototype"',
    '"text":"__proto__, constructor.prototype"',
    '"proto":{"__proto":1}',
    '"list":["__proto__","constructor","prototype"]',
  ])('is not what only looks like one: %s', (member) => {
    for (let depth = 0; depth < DEPTH; depth++) expect(holdsPrototypeKey(JSON.parse(nest(member, depth)))).toBe(false);
  });
});

it('I5 control: a careless copy of what was parsed swaps its prototype', () => {
  const copy = Object.assign({}, JSON.parse('{"__proto__":{"polluted":1}}'));
  expect(Reflect.get(copy, 'polluted')).toBe(1);
});
