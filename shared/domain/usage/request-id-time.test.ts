import fc from 'fast-check';
import { uuidv7 } from 'uuidv7';
import { describe, expect, it } from 'vitest';
import { requestIdOf } from '../admission/request-ids.ts';
import { firstIdAt, idRangeOf, idTimeOf } from './request-id-time.ts';

const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });

describe('firstIdAt', () => {
  it('is the time in the first 48 bits, and nothing after them', () => {
    expect(firstIdAt(0)).toBe('00000000-0000-0000-0000-000000000000');
    expect(firstIdAt(Date.UTC(2026, 10, 22))).toBe('01a2008d-7400-0000-0000-000000000000');
    expect(firstIdAt(2 ** 48 - 1)).toBe('ffffffff-ffff-0000-0000-000000000000');
  });

  it('orders as times do', () => {
    fc.assert(fc.property(time, time, (one, other) => firstIdAt(one) < firstIdAt(other) === one < other));
  });

  it('is read back', () => {
    fc.assert(fc.property(time, (milliseconds) => idTimeOf(firstIdAt(milliseconds)) === milliseconds));
  });

  it('bounds the ids of leases and of their requests', () => {
    const before = Date.now();
    const lease = uuidv7();
    const after = Date.now();
    for (const id of [lease, requestIdOf(lease, 0), requestIdOf(lease, 2 ** 32 - 1)]) {
      expect(id >= firstIdAt(before)).toBe(true);
      expect(id < firstIdAt(after + 2)).toBe(true);
      expect(idTimeOf(id)).toBeGreaterThanOrEqual(before);
    }
  });

  it.each([-1, 2 ** 48, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (milliseconds) => {
    expect(() => firstIdAt(milliseconds)).toThrow(RangeError);
  });
});

describe('idRangeOf', () => {
  it('holds the ids of leases up to a day older than the requests, and of clocks up to an hour ahead', () => {
    const [from, to] = [Date.UTC(2026, 10, 22), Date.UTC(2026, 10, 23)];
    expect(idRangeOf(from, to)).toEqual({
      first: firstIdAt(Date.UTC(2026, 10, 21)),
      end: firstIdAt(Date.UTC(2026, 10, 23, 1)),
    });
    expect(idRangeOf(0, 1).first).toBe(firstIdAt(0));
  });
});
