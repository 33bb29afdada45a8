import { expect, it } from 'vitest';
import { callsOf, countsPerRequest, NO_COUNTS } from './gate-counts.ts';

it('tells what was done for each request, and which of it are calls', () => {
  const before = { ...NO_COUNTS, syncs: 10, commits: 100 };
  const after = {
    requests: 4,
    lookUps: 1,
    holds: 8,
    syncs: 14,
    confirms: 2,
    alarms: 3,
    commits: 106,
    rowsRead: 40,
    rowsWritten: 12,
  };
  const each = countsPerRequest(before, after, 4);
  expect(each).toEqual({
    ...{
      requests: 1,
      lookUps: 0.25,
      holds: 2,
      syncs: 1,
      confirms: 0.5,
      alarms: 0.75,
      commits: 1.5,
      rowsRead: 10,
      rowsWritten: 3,
    },
  });
  expect(callsOf(each)).toBe(3.75);
});
