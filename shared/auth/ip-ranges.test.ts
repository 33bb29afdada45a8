import { describe, expect, it } from 'vitest';
import { type IpRange, isWithin, readIpRange, writeIpRange } from './ip-ranges.ts';

function range(text: string): IpRange {
  const read = readIpRange(text);
  if (!read) throw new Error(`${text} is no range`);
  return read;
}

describe('IP ranges', () => {
  it.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['192.0.2.1', '192.0.2.1/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0:0::1/32', '2001:db8::/32'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
    ['::ffff:192.0.2.1', '192.0.2.1/32'],
    ['::/0', '::/0'],
  ])('write %s as %s', (text, canonical) => {
    expect(writeIpRange(range(text))).toBe(canonical);
    expect(writeIpRange(range(canonical))).toBe(canonical);
  });

  it.each(['', 'acme', '10.0.0.0/33', '10.0.0.0/-1', '2001:db8::/129', '10.0.0.256', '10.0.0.0/8/8'])(
    'are none of %j',
    (text) => {
      expect(readIpRange(text)).toBeNull();
    },
  );

  it.each([
    ['10.255.0.1', ['10.0.0.0/8'], true],
    ['::ffff:10.255.0.1', ['10.0.0.0/8'], true],
    ['11.0.0.1', ['10.0.0.0/8'], false],
    ['11.0.0.1', ['10.0.0.0/8', '11.0.0.0/24'], true],
    ['2001:db8:ffff::1', ['2001:db8::/32'], true],
    ['2001:db9::1', ['2001:db8::/32'], false],
    ['10.0.0.1', ['::/0'], false],
    ['::a00:1', ['0.0.0.0/0'], false],
    ['10.1.0.0/16', ['10.0.0.0/8'], true],
    ['10.0.0.0/8', ['10.0.0.0/16'], false],
    ['0.0.0.0/0', ['0.0.0.0/1', '128.0.0.0/1'], false],
    ['10.0.0.1', [], false],
  ])('%s within %j: %s', (text, ranges, expected) => {
    expect(isWithin(range(text), ranges.map(range))).toBe(expected);
  });
});
