import { describe, expect, it } from 'vitest';
import { readKey } from './read-key.ts';

describe('readKey', () => {
  it.each([
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['stainless-node-retry-1', 'stainless-node-retry-1'],
    [String.raw`"a\"b\\c"`, String.raw`a"b\c`],
    ['order 7', 'order 7'],
    ['k'.repeat(255), 'k'.repeat(255)],
  ])('reads %s', (header, key) => {
    expect(readKey(header)).toBe(key);
  });

  it.each(['', '""', '" "', 'ü', '"a\u0001"', 'k'.repeat(256)])('takes %j for no key', (header) => {
    expect(readKey(header)).toBeNull();
  });
});
