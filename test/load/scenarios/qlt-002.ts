import {
  type BenchRun,
  type Findings,
  findProblems,
  measureRounds,
  type Scenario,
  startTargets,
} from '../bench-run.ts';
import { startRatedLoadDriver } from '../children.ts';
import { type FailureOutcome, sendToFailingProvider } from '../failing-provider.ts';
import { nearestRate } from '../load.ts';
import { AT_RATE, SATURATION } from '../loads.ts';
import type { Running } from '../measure.ts';
import { type Row, spreadOf, writeLoads } from '../report.ts';
import { writeTable } from '../table.ts';
import { FLOOR, ORCHESTRATE, SAME_SHAPE, TARGETS } from '../targets.ts';
import { FAILING_PACES, FAILING_SHARES } from '../upstream-answers.ts';

const MEASURED = [FLOOR, SAME_SHAPE, ORCHESTRATE];
/** Share of the product's saturation at which its added latency is measured. */
const RATE_SHARE = 0.6;
/** Seconds more than others measure: the first of them is not counted. */
const MORE_SECONDS = 2;

/**
 * The founding ticket QLT-002: the latency that the product adds at a rate that it can bear, which is 60 % of what
 * saturates it, and what its clients see when the provider fails.
 */
export const qlt002: Scenario = { name: 'qlt-002', isLong: true, run: measureQlt002 };

async function measureQlt002(run: BenchRun): Promise<Findings> {
  await using started = new AsyncDisposableStack();
  const targets = TARGETS.filter(({ name }) => MEASURED.includes(name));
  const running = await startTargets(run, targets, started);
  const products = running.filter(({ target }) => target.name !== FLOOR);

  const saturated = await measureRounds(
    { ...run, rounds: run.isQuick ? 1 : 3 },
    products.map((of) => ({ of, load: SATURATION })),
  );
  const saturation = spreadOf(saturated.map(({ requestsPerSecond }) => requestsPerSecond))?.least ?? 0;
  const rate = nearestRate(saturation * RATE_SHARE);
  run.say(`· the slower of both takes ${saturation.toFixed(0)} requests/s; going on at ${rate}`);
  const rated = await measureAtRate(run, running, rate);
  const rows = [...saturated, ...rated];
  const problems = findProblems(rows, running); // what the product logs of a failing provider is none

  const failures: FailureOutcome[] = [];
  for (const pace of FAILING_PACES) {
    for (const each of running) {
      run.stop.throwIfAborted();
      failures.push(await sendToFailingProvider(each, run.context, pace, run.isQuick ? 200 : 1000));
    }
  }
  const untyped = failures.filter(({ target, typed, failed }) => target !== FLOOR && typed < failed);
  return {
    rows,
    details: { saturation, rate, failures },
    tables: [...writeLoads(rows, FLOOR), writeFailures(failures)],
    problems: [...problems, ...untyped.map(({ target }) => `${target} answered a failure without a code`)],
  };
}

/** The same rate on every target, in the order of a round's luck; the load is autocannon's. */
async function measureAtRate(run: BenchRun, running: readonly Running[], rate: number): Promise<Row[]> {
  await using started = new AsyncDisposableStack();
  const driver = started.adopt(startRatedLoadDriver(), (it) => it.close());
  const seconds = run.seconds + MORE_SECONDS;
  return await measureRounds(
    { ...run, driver, rounds: Math.min(run.rounds, 5) },
    running.map((of) => ({ of, load: AT_RATE, rate, amount: Math.ceil(rate * seconds) })),
  );
}

function writeFailures(failures: readonly FailureOutcome[]): string {
  return writeTable(
    ['provider fails', 'target', 'requests', 'failed', 'error rate', 'with a code', 'codes', 'p95 ms'],
    failures.map(({ pace, target, requests, failed, typed, codes, p95 }) => [
      ...[`${FAILING_SHARES[pace] * 100} %`, target, `${requests}`, `${failed}`],
      ...[`${((failed / requests) * 100).toFixed(1)} %`, `${typed}`],
      Object.entries(codes)
        .map(([code, count]) => `${code} ${count}`)
        .join(', '),
      p95.toFixed(1),
    ]),
  );
}
