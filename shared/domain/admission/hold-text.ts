import type { HoldCommand, Slice } from '../../contracts/rpc.ts';
import { counterKey } from './counter.ts';

/** A hold as it is kept: what it is for, and what it drew. */
export interface HoldText {
  readonly command: HoldCommand;
  readonly draws: readonly Slice[];
}

export function writeHoldText(command: HoldCommand, draws: readonly Slice[]): string {
  const lines = draws.map(({ limitId, start, end, amount }) => [limitId, start, endText(end), amount.toString()]);
  return JSON.stringify([command, lines]);
}

/** Reads what `writeHoldText` wrote; other texts are never given to it. */
export function readHoldText(text: string): HoldText {
  const [command, lines]: [HoldCommand, [string, number, number | null, string][]] = JSON.parse(text);
  return { command, draws: lines.map(toSlice) };
}

function toSlice([limitId, start, end, amount]: [string, number, number | null, string]): Slice {
  return { limitId, start, end: end ?? Number.POSITIVE_INFINITY, amount: BigInt(amount) };
}

/** JSON has no word for what never ends. */
function endText(end: number): number | null {
  return end === Number.POSITIVE_INFINITY ? null : end;
}

/** Amounts of holds, by counter. */
export function sumOf(holds: readonly HoldText[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { limitId, start, amount } of holds.flatMap(({ draws }) => draws)) {
    const key = counterKey(limitId, start);
    sums.set(key, (sums.get(key) ?? 0n) + amount);
  }
  return sums;
}
