import * as z from 'zod';

const count = z.int().nonnegative();
const gateCounts = z.object({
  /** Requests that ended, as far as it was told. */
  requests: count,
  /** Calls that ask for a configuration, or bring one. */
  lookUps: count,
  /** Calls for one request's hold. */
  holds: count,
  syncs: count,
  /** Calls of the ledger. */
  confirms: count,
  alarms: count,
  commits: count,
  rowsRead: count,
  rowsWritten: count,
});

/** What all TenantGates of a process did. */
export type GateCounts = z.infer<typeof gateCounts>;

/** Those of a process that has done nothing. */
export const NO_COUNTS: GateCounts = {
  ...{ requests: 0, lookUps: 0, holds: 0, syncs: 0, confirms: 0, alarms: 0, commits: 0, rowsRead: 0, rowsWritten: 0 },
};

export async function readGateCounts(url: string): Promise<GateCounts> {
  const response = await fetch(url);
  return gateCounts.parse(await response.json());
}

/** What was done between two readings, for each of `requests`. */
export function countsPerRequest(before: GateCounts, after: GateCounts, requests: number): GateCounts {
  const each = (name: keyof GateCounts) => (after[name] - before[name]) / requests;
  return {
    ...{
      requests: each('requests'),
      lookUps: each('lookUps'),
      holds: each('holds'),
      syncs: each('syncs'),
      confirms: each('confirms'),
      alarms: each('alarms'),
    },
    ...{ commits: each('commits'), rowsRead: each('rowsRead'), rowsWritten: each('rowsWritten') },
  };
}

/** All calls of an object by others. */
export function callsOf({ lookUps, holds, syncs, confirms }: GateCounts): number {
  return lookUps + holds + syncs + confirms;
}
