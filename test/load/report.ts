import { BURSTS, type Delivery } from './delivery.ts';

/** What one measurement found: one target, once in a round. */
export interface Row {
  readonly round: number;
  readonly target: string;
  /** Name of the load. */
  readonly load: string;
  /** CPU of the target's process per request, in milliseconds; null where the system does not tell. */
  readonly cpuMs: number | null;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly completed: number;
  readonly failed: number;
}

export type Measure = 'cpuMs' | 'requestsPerSecond' | 'p50' | 'p99';

/** A promise about a ratio of two targets, measured in the same round. */
export interface Goal {
  readonly id: string;
  readonly what: string;
  readonly measure: Measure;
  readonly target: string;
  readonly over: string;
  readonly load: string;
  readonly most: number;
  /** Also that the target hands on every event of a stream at once. */
  readonly isDelivered?: boolean;
}

/** Values of all rounds, in short. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Verdict {
  readonly goal: Goal;
  /** Null where nothing was measured. */
  readonly ratio: Spread | null;
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
 * A measure of one target over that of another, round by round: what the machine did in a round, it did to both. A round
 * that lacks either is left out.
 */
export function pairedRatios(
  rows: readonly Row[],
  { measure, target, over, load }: Pick<Goal, 'measure' | 'target' | 'over' | 'load'>,
): number[] {
  const measured = (round: number, name: string) =>
    rows.find((row) => row.round === round && row.target === name && row.load === load)?.[measure];
  return [...new Set(rows.map(({ round }) => round))].flatMap((round) => {
    const [value, base] = [measured(round, target), measured(round, over)];
    return value != null && base != null && base > 0 ? [value / base] : [];
  });
}

/** Whether a goal holds, by the median of its paired ratios. */
export function judge(rows: readonly Row[], deliveries: Readonly<Record<string, Delivery>>, goal: Goal): Verdict {
  const ratio = spreadOf(pairedRatios(rows, goal));
  if (!ratio) return { goal, ratio, holds: null };
  const isDelivered = !goal.isDelivered || deliveries[goal.target]?.bursts === BURSTS;
  return { goal, ratio, holds: ratio.median <= goal.most && isDelivered };
}

/** The results as Markdown tables: what each target did, how streams came, and the goals. */
export function writeReport(
  rows: readonly Row[],
  deliveries: Readonly<Record<string, Delivery>>,
  goals: readonly Goal[],
  floor: string,
): string {
  return [
    ...measuredTables(rows, floor),
    table(
      ['stream, slow upstream', 'first ms', 'last ms', 'reads', `bursts of ${BURSTS}`, 'before its end'],
      Object.entries(deliveries).map(([target, { firstMs, lastMs, reads, bursts, earlyShare }]) => [
        ...[
          target,
          firstMs.toFixed(0),
          lastMs.toFixed(0),
          `${reads}`,
          `${bursts}`,
          `${(earlyShare * 100).toFixed(0)} %`,
        ],
      ]),
    ),
    table(
      ['goal', 'what', 'load', 'must be', 'is', 'holds'],
      goals
        .map((goal) => judge(rows, deliveries, goal))
        .map(({ goal, ratio, holds }) => [
          ...[goal.id, goal.what, goal.load, `≤ ${goal.most.toFixed(2)}`, ratio ? withRange(ratio, 2) : 'not measured'],
          holds === null ? '-' : holds ? 'yes' : 'NO',
        ]),
    ),
  ].join('\n\n');
}

function measuredTables(rows: readonly Row[], floor: string): string[] {
  const targets = [...new Set(rows.map(({ target }) => target))];
  const loads = [...new Set(rows.map((row) => row.load))];
  return loads.map((load) =>
    table(
      [load, 'CPU ms', `CPU × ${floor}`, 'requests/s', 'p50 ms', 'p99 ms', 'requests', 'failed'],
      targets.map((target) => {
        const own = rows.filter((row) => row.target === target && row.load === load);
        const cell = (measure: Measure, digits: number) => {
          const spread = spreadOf(own.map((row) => row[measure]).filter((value) => value !== null));
          return spread ? withRange(spread, digits) : '-';
        };
        const ratio = spreadOf(pairedRatios(rows, { measure: 'cpuMs', target, over: floor, load }));
        const sum = (field: 'completed' | 'failed') => `${own.reduce((total, row) => total + row[field], 0)}`;
        return [
          ...[target, cell('cpuMs', 2), ratio ? withRange(ratio, 2) : '-', cell('requestsPerSecond', 0)],
          ...[cell('p50', 1), cell('p99', 1), sum('completed'), sum('failed')],
        ];
      }),
    ),
  );
}

function withRange({ median, least, most }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)}..${most.toFixed(digits)})`;
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...body.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(line)].join('\n');
}
