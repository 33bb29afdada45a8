/** A number that `npm run bench` found: the median of its full run, and in which scenario and row it stands. */
export interface Measurement {
  readonly value: number;
  readonly what: string;
  readonly from: string;
}

/** Taken on 22 November 2026, on workerd with one thread of a machine with two cores; CPU in milliseconds. */
export const MEASURED = {
  busyCpuMs: {
    ...{ value: 0.536, what: 'CPU of a request that its isolate admits itself, all scripts together' },
    from: 'side-by-side, sync, orchestrate',
  },
  quietCpuMs: {
    ...{ value: 5.571, what: 'CPU of a request that asks its TenantGate, all scripts together' },
    from: 'growth, 10,000 tenants',
  },
  settlesOneByOne: {
    ...{ value: 5_772, what: 'requests/s that one TenantGate settles, one in a call' },
    from: 'tenant-gate, one in a call',
  },
  settlesTogether: {
    ...{ value: 224_178, what: 'requests/s that one TenantGate settles, 64 in a call' },
    from: 'tenant-gate, 64 in a call',
  },
  ledgerCpuOfOne: {
    ...{ value: 1.315, what: 'ledger’s CPU for a request that comes alone in a message' },
    from: 'ledger, 1',
  },
  ledgerCpuOfMany: { value: 0.039, what: 'the same of one that comes with 63 others', from: 'ledger, 64' },
  postgresCpuOfOne: {
    ...{ value: 2.635, what: 'PostgreSQL’s CPU for a request that comes alone in a message' },
    from: 'ledger, 1',
  },
  postgresCpuOfMany: { value: 0.078, what: 'the same of one that comes with 63 others', from: 'ledger, 64' },
  storedBytes: { value: 543, what: 'bytes of a request in PostgreSQL, with indexes', from: 'ledger' },
} as const satisfies Readonly<Record<string, Measurement>>;

/** How many were together in the measurements of many. */
export const TOGETHER = 64;

/** A cost of `one` when it stands alone and of `many` when `TOGETHER` share it: so much for each, and so much to share. */
export function splitCost(one: number, many: number): { readonly each: number; readonly shared: number } {
  const shared = (one - many) / (1 - 1 / TOGETHER);
  return { each: one - shared, shared };
}
