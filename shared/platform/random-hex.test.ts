import { expect, it } from 'vitest';
import { randomHex } from './random-hex.ts';

it('draws as many bytes as are asked for, and none twice, over many blocks', () => {
  const drawn = Array.from({ length: 1000 }, () => randomHex(16));
  expect(drawn.every((text) => /^[0-9a-f]{32}$/.test(text))).toBe(true);
  expect(new Set(drawn).size).toBe(drawn.length);
  expect(randomHex(1024)).toMatch(/^[0-9a-f]{2048}$/);
});
