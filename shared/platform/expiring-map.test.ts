import { expect, it } from 'vitest';
import { ExpiringMap } from './expiring-map.ts';

it('gives an entry only to readers who accept its age', () => {
  let now = 0;
  const map = new ExpiringMap<string, number>(2, () => now);
  map.set('a', 1);
  now = 10;
  expect([map.get('a'), map.get('a', 10), map.get('a', 9), map.get('b')]).toEqual([1, 1, undefined, undefined]);
});

it('keeps no more than it may: the entry set longest ago leaves first', () => {
  const map = new ExpiringMap<string, number>(2, () => 0);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
  map.delete('a');
  expect(map.get('a')).toBeUndefined();
});
