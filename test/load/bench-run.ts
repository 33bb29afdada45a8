import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadDriver } from './children.ts';
import type { BenchContext } from './context.ts';
import type { LoadSpec } from './loads.ts';
import { amountFor, measure, type Running } from './measure.ts';
import type { Measured, Row } from './report.ts';
import type { Target } from './targets.ts';

/** What a scenario works with. */
export interface BenchRun {
  readonly context: BenchContext;
  readonly driver: LoadDriver;
  readonly stop: AbortSignal;
  /** Fewer and shorter measurements. */
  readonly isQuick: boolean;
  readonly rounds: number;
  /** About how long one measurement takes. */
  readonly seconds: number;
  say(text: string): void;
}

/** What a scenario found. */
export interface Findings extends Partial<Measured> {
  readonly tables: readonly string[];
  /** Reasons to distrust what was found. */
  readonly problems: readonly string[];
  /** What its tables say, where that is not rows, streams or counts. */
  readonly details?: unknown;
}

/** A part of the benchmark that can be run by itself. */
export interface Scenario {
  readonly name: string;
  /** Not for quick runs. */
  readonly isLong?: true;
  run(run: BenchRun): Promise<Findings>;
}

/** A line of the product's own log that tells of a failure, or workerd's word for one. */
const ERROR_LINE = /^(.*"level":"error".*|.*\bserviceException\b.*|\S+c\+\+:\d+: error: .*)$/gm;

/** Starts those targets whose packages are installed, each with a folder of its own; they end with `started`. */
export async function startTargets(
  { context, say }: BenchRun,
  targets: readonly Target[],
  started: AsyncDisposableStack,
): Promise<Running[]> {
  const running: Running[] = [];
  for (const target of targets) {
    const directory = makeFolder(context, target.name);
    const server = await target.start(context, directory);
    if (!server) {
      say(`· ${target.name} is left out: its package is not installed (see test/load/README.md)`);
      continue;
    }
    started.defer(() => server.close());
    running.push({ target, server });
  }
  return running;
}

/** A folder for a target, or for something else of a name that nothing else in the scenario has. */
export function makeFolder({ directory }: BenchContext, name: string): string {
  const folder = join(directory, name.replaceAll(/\W+/g, '-'));
  mkdirSync(folder);
  return folder;
}

export interface Job {
  readonly of: Running;
  readonly load: LoadSpec;
  /** Requests; absent: as many as take the time of a measurement. */
  readonly amount?: number;
  readonly rate?: number;
}

/** Measures every job once in every round, in random order. Answers job by job, each in order of rounds. */
export async function measureRounds(run: BenchRun, jobs: readonly Job[]): Promise<Row[]> {
  const { context, driver, stop, rounds, seconds, say } = run;
  const prepared: (Job & { readonly amount: number; readonly rows: Row[] })[] = [];
  for (const job of jobs) {
    stop.throwIfAborted();
    const { amount = await amountFor(driver, job.of, context, job.load, seconds) } = job;
    prepared.push({ ...job, amount, rows: [] });
  }
  const open = new Map<Running, () => Promise<unknown>>(); // others are measured while a target does its work behind
  for (let round = 1; round <= rounds; round++) {
    for (const { of, load, amount, rate, rows } of shuffled(prepared)) {
      stop.throwIfAborted();
      await open.get(of)?.();
      const turnsBefore = (round - 1) * amount;
      const measured = await measure(driver, of, context, { ...load, amount, turnsBefore, ...(rate && { rate }) });
      open.set(of, async () => {
        rows.push({ round, target: of.target.name, load: load.name, ...(await measured.close()) });
      });
    }
    say(`· round ${round} of ${rounds}`);
  }
  for (const close of open.values()) await close();
  return prepared.flatMap(({ rows }) => rows);
}

/** Requests that failed and errors that were logged. */
export function findProblems(rows: readonly Row[], running: readonly Running[]): string[] {
  return [
    ...running.flatMap(({ target: { name } }) => {
      const own = rows.filter(({ target }) => target === name);
      const sum = (field: 'completed' | 'failed') => own.reduce((total, row) => total + row[field], 0);
      if (sum('failed') === 0) return [];
      const failure = own.find(({ failure }) => failure !== undefined)?.failure ?? 'no answer';
      return [`${name} failed ${sum('failed')} requests of ${sum('completed') + sum('failed')}: ${failure}`];
    }),
    ...running.flatMap(({ target, server }) => {
      const errors = server.log().match(ERROR_LINE) ?? [];
      return errors.length === 0 ? [] : [`${target.name} logged ${errors.length} errors, first: ${errors[0]}`];
    }),
  ];
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
