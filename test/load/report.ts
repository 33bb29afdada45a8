import { BURSTS, type Delivery } from './delivery.ts';
import { writeTable } from './table.ts';

/**
 * Cores that were kept busy while a load was on. `target` near 1: its one thread was saturated; less: something else was
 * what limited it. `others` is whatever runs on the machine and is no part of the benchmark.
 */
export interface BusyCores {
  readonly target: number;
  readonly clients: number;
  readonly upstream: number;
  readonly others: number;
}

/** What one measurement found: one target, once in a round. */
export interface Row {
  readonly round: number;
  readonly target: string;
  /** Name of the load. */
  readonly load: string;
  /** CPU of the target's process per request, in milliseconds; null where the system does not tell. */
  readonly cpuMs: number | null;
  /** Memory that its process held at the end. */
  readonly memoryMb: number | null;
  readonly busy: BusyCores | null;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly completed: number;
  readonly failed: number;
  /** The beginning of an answer that failed. */
  readonly failure?: string;
}

export type Measure = 'cpuMs' | 'memoryMb' | 'requestsPerSecond' | 'p50' | 'p95' | 'p99';

/** Numbers that were counted and not measured under a load, by name. */
export type Counts = Readonly<Record<string, readonly number[]>>;

/** All that a run found. */
export interface Measured {
  readonly rows: readonly Row[];
  readonly deliveries: Readonly<Record<string, Delivery>>;
  readonly counts: Counts;
}

/** One target's measure beside another's in the same round: over it, or less it. */
export interface Paired {
  readonly of: 'ratio' | 'difference';
  readonly measure: Measure;
  readonly target: string;
  readonly over: string;
}

export type Bound = { readonly most: number } | { readonly least: number };

interface GoalText {
  readonly id: string;
  readonly what: string;
}

/** A promise about what is measured under a load, or about a count. */
export type Goal = GoalText &
  Bound &
  (
    | {
        readonly load: string;
        readonly value: Paired;
        /** Also that the target hands on every event of a stream at once. */
        readonly isDelivered?: boolean;
      }
    | { readonly value: { readonly of: 'count'; readonly count: string } }
  );

/** Values of all rounds, in short. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Verdict {
  readonly goal: Goal;
  /** Null where nothing was measured. */
  readonly value: Spread | null;
  readonly holds: boolean | null;
}

/** Median, least and most; null of nothing. */
export function spreadOf(values: readonly number[]): Spread | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined || least === undefined || most === undefined) return null;
  return { median: (low + high) / 2, least, most };
}

/**
 * A measure of one target beside that of another, round by round: what the machine did in a round, it did to both. A
 * round that lacks either is left out, and one in which a request failed: what fails is soon done.
 */
export function pairedValues(rows: readonly Row[], load: string, { of, measure, target, over }: Paired): number[] {
  const measured = (round: number, name: string) =>
    rows.find((row) => row.round === round && row.target === name && row.load === load && row.failed === 0)?.[measure];
  return [...new Set(rows.map(({ round }) => round))].flatMap((round) => {
    const [value, base] = [measured(round, target), measured(round, over)];
    if (value == null || base == null) return [];
    if (of === 'difference') return [value - base];
    return base > 0 ? [value / base] : [];
  });
}

/** Whether a goal holds, by the median of its values. */
export function judge({ rows, deliveries, counts }: Measured, goal: Goal): Verdict {
  const values = 'load' in goal ? pairedValues(rows, goal.load, goal.value) : (counts[goal.value.count] ?? []);
  const value = spreadOf(values);
  if (!value) return { goal, value, holds: null };
  const isWithin = 'most' in goal ? value.median <= goal.most : value.median >= goal.least;
  const isDelivered = !('load' in goal && goal.isDelivered) || deliveries[goal.value.target]?.bursts === BURSTS;
  return { goal, value, holds: isWithin && isDelivered };
}

/** What each target did under each load, with its CPU over that of `base`, as Markdown tables. */
export function writeLoads(rows: readonly Row[], base: string): string[] {
  const loads = [...new Set(rows.map((row) => row.load))];
  return loads.map((load) => {
    const underLoad = rows.filter((row) => row.load === load);
    const targets = [...new Set(underLoad.map(({ target }) => target))];
    return writeTable(
      [
        ...[
          load,
          'CPU ms',
          `CPU × ${base}`,
          'cores busy',
          'by others',
          'requests/s',
          'p50 ms',
          'p95 ms',
          'p99 ms',
          'MB',
        ],
        ...['requests', 'failed'],
      ],
      targets.map((target) => {
        const own = underLoad.filter((row) => row.target === target);
        const spread = (values: readonly (number | null | undefined)[], digits: number) =>
          writeSpread(spreadOf(values.filter((value) => value != null)), digits);
        const cell = (measure: Measure, digits: number) =>
          spread(
            own.map((row) => row[measure]),
            digits,
          );
        const busy = (of: keyof BusyCores) =>
          spread(
            own.map((row) => row.busy?.[of]),
            2,
          );
        const ratios = pairedValues(rows, load, { of: 'ratio', measure: 'cpuMs', target, over: base });
        const sum = (field: 'completed' | 'failed') => `${own.reduce((total, row) => total + row[field], 0)}`;
        return [
          ...[target, cell('cpuMs', 3), writeSpread(spreadOf(ratios), 2), busy('target'), busy('others')],
          ...[cell('requestsPerSecond', 0), cell('p50', 2), cell('p95', 2), cell('p99', 2), cell('memoryMb', 0)],
          ...[sum('completed'), sum('failed')],
        ];
      }),
    );
  });
}

/** How streams came, as a Markdown table. */
export function writeDeliveries(deliveries: Measured['deliveries']): string {
  return writeTable(
    ['stream, slow upstream', 'first ms', 'last ms', 'reads', `bursts of ${BURSTS}`, 'before its end'],
    Object.entries(deliveries).map(([target, { firstMs, lastMs, reads, bursts, earlyShare }]) => [
      ...[target, firstMs.toFixed(0), lastMs.toFixed(0), `${reads}`, `${bursts}`],
      `${(earlyShare * 100).toFixed(0)} %`,
    ]),
  );
}

/** Whether goals hold, as a Markdown table. */
export function writeVerdicts(verdicts: readonly Verdict[]): string {
  return writeTable(['goal', 'what', 'load', 'must be', 'is', 'holds'], verdicts.map(verdictCells));
}

export function writeSpread(spread: Spread | null, digits: number): string {
  if (!spread) return '-';
  const { median, least, most } = spread;
  return `${median.toFixed(digits)} (${least.toFixed(digits)}..${most.toFixed(digits)})`;
}

function verdictCells({ goal, value, holds }: Verdict): string[] {
  const digits = goal.value.of === 'count' ? 4 : 2;
  return [
    ...[goal.id, goal.what, 'load' in goal ? goal.load : '-'],
    'most' in goal ? `≤ ${goal.most.toFixed(digits)}` : `≥ ${goal.least.toFixed(digits)}`,
    value ? writeSpread(value, digits) : 'not measured',
    holds === null ? '-' : holds ? 'yes' : 'NO',
  ];
}
