import autocannon from 'autocannon';

/** One measurement's load: `amount` requests over `connections` that are kept open. */
export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  readonly amount: number;
  /** What every answer must contain: the words that only a whole one has. */
  readonly expected: string;
}

/** What the clients saw. Latencies are to the end of the answer, in milliseconds. */
export interface LoadResult {
  readonly completed: number;
  /** Answers that are not 2xx, not whole, or that never came. */
  readonly failed: number;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
}

async function run({ url, headers, body, connections, amount, expected }: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  let endedAt = startedAt;
  const running = autocannon({
    ...{ url, headers, body, connections, amount },
    ...{ method: 'POST', timeout: 20, sampleInt: 100, verifyBody: (text) => text.includes(expected) },
  });
  running.on('response', (_client: unknown, _status: number, _bytes: number, milliseconds: number) => {
    latencies.push(milliseconds);
    endedAt = performance.now();
  });
  const { '2xx': succeeded, non2xx, errors, mismatches } = await running;
  latencies.sort((a, b) => a - b);
  const percentile = (share: number) => latencies[Math.ceil(latencies.length * share) - 1] ?? Number.NaN;
  return {
    completed: succeeded,
    failed: non2xx + errors + mismatches,
    requestsPerSecond: (latencies.length / (endedAt - startedAt)) * 1000,
    p50: percentile(0.5),
    p99: percentile(0.99),
  };
}

// A process of its own, so that its work is nobody else's: takes one load after another, and ends with its parent.
process.on('message', (load: Load) => void run(load).then((result) => process.send?.(result)));
process.on('disconnect', () => process.exit());
