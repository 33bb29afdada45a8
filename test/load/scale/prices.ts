/** What a platform charges, in US dollars beyond what its plans include, and where it says so. */
export interface Price {
  readonly usd: number;
  /** How many of it that is for. */
  readonly per: number;
  readonly what: string;
  readonly source: string;
}

/** What a platform allows, and where it says so. */
export interface PlatformLimit {
  readonly value: number;
  readonly what: string;
  readonly source: string;
}

const WORKERS = 'https://developers.cloudflare.com/workers/platform/pricing/';
const OBJECTS = 'https://developers.cloudflare.com/durable-objects/platform/pricing/';
const QUEUES = 'https://developers.cloudflare.com/queues/platform/pricing/';
const NEON = 'https://neon.com/docs/introduction/plans';
const QUEUE_LIMITS = 'https://developers.cloudflare.com/queues/platform/limits/';

/** Read in the platforms’ documentation on 22 November 2026. */
export const PRICES = {
  workersRequests: { usd: 0.3, per: 1e6, what: 'requests of Workers', source: WORKERS },
  workersCpuMs: { usd: 0.02, per: 1e6, what: 'milliseconds of CPU', source: WORKERS },
  objectRequests: { usd: 0.15, per: 1e6, what: 'calls and alarms of objects', source: OBJECTS },
  objectGbSeconds: { usd: 12.5, per: 1e6, what: 'GB-seconds of objects in memory', source: OBJECTS },
  rowsRead: { usd: 0.001, per: 1e6, what: 'rows read', source: OBJECTS },
  rowsWritten: { usd: 1, per: 1e6, what: 'rows written; an alarm that is set is one', source: OBJECTS },
  queueOperations: { usd: 0.4, per: 1e6, what: 'operations of queues: write, read and delete', source: QUEUES },
  computeUnitHours: { usd: 0.222, per: 1, what: 'hour of a compute unit: a CPU with 4 GB', source: NEON },
  storedGbMonths: { usd: 0.35, per: 1, what: 'GB stored for a month', source: NEON },
} as const satisfies Readonly<Record<string, Price>>;

/** Likewise. */
export const LIMITS = {
  objectRequestsPerSecond: {
    ...{ value: 1_000, what: 'requests/s of one object, a soft limit' },
    source: 'https://developers.cloudflare.com/durable-objects/platform/limits/',
  },
  objectGb: { value: 0.128, what: 'GB of memory that an object is billed for', source: OBJECTS },
  queueMessagesPerSecond: { value: 5_000, what: 'messages/s of one queue', source: QUEUE_LIMITS },
  queueOperationBytes: { value: 65_536, what: 'bytes of a message in one operation', source: QUEUES },
  computeUnits: { value: 56, what: 'compute units of the largest PostgreSQL', source: NEON },
} as const satisfies Readonly<Record<string, PlatformLimit>>;
