/** One measurement's load: `amount` requests over `connections` that are kept open. */
export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As in `BenchRequest`. */
  readonly callers?: readonly Readonly<Record<string, string>>[];
  /** Which caller begins: as many turns as were taken before. */
  readonly turnsBefore?: number;
  readonly body: string;
  readonly connections: number;
  readonly amount: number;
  /** What every answer must contain: the words that only a whole one has. */
  readonly expected: string;
  /** Requests a second; absent: the next on a connection as soon as the last is answered. */
  readonly rate?: number;
}

/** What the clients saw. Latencies are to the end of the answer, in milliseconds. */
export interface LoadResult extends Latencies {
  readonly completed: number;
  /** Answers that are not 2xx, not whole, or that never came. */
  readonly failed: number;
  /** The beginning of one that failed, for people to look at. */
  readonly failure?: string;
}

/** How much of a failed answer is kept. */
export const FAILURE_LENGTH = 1_000;

export interface Latencies {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Requests of a rate are spread over so many points of a second: autocannon sends a second's worth of one run at once. */
export const RATE_POINTS = 100;

/** The nearest rate that can be spread evenly. */
export function nearestRate(requestsPerSecond: number): number {
  return Math.max(1, Math.round(requestsPerSecond / RATE_POINTS)) * RATE_POINTS;
}

/** What answers took, and how many there were a second in the time that they came in. Sorts what it is given. */
export function describeLatencies(latencies: number[], withinMs: number): Latencies {
  latencies.sort((a, b) => a - b);
  const percentile = (share: number) => latencies[Math.ceil(latencies.length * share) - 1] ?? Number.NaN;
  return {
    requestsPerSecond: (latencies.length / withinMs) * 1000,
    p50: percentile(0.5),
    p95: percentile(0.95),
    p99: percentile(0.99),
  };
}

/** Has this process, a child, take one load after another, and end with its parent. */
export function takeLoads(run: (load: Load) => Promise<LoadResult>): void {
  process.on('message', (load: Load) => void run(load).then((result) => process.send?.(result)));
  process.on('disconnect', () => process.exit());
}
