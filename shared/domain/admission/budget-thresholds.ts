import type { BudgetThresholdReached } from '../../contracts/queues.ts';
import type { Counter } from './counter.ts';
import type { Limit } from './limit.ts';
import { isLive } from './window.ts';

interface Counted {
  readonly counter: Counter;
  /** All of the limit's. */
  readonly slots: ReadonlyMap<number, Counter>;
}

/**
 * Events for the thresholds of a budget that a counter has reached, each once in its period: a counter of the same period
 * that was begun by the clock of another time zone counts with it.
 */
export function fireThresholds(
  { ruleId, name, cap, thresholds, window }: Limit,
  { counter, slots }: Counted,
  now: number,
  generateId: () => string,
): string[] {
  if (cap === null || cap <= 0n) return [];
  const isPresent = isLive(window, counter.start, now);
  const others = [...slots.values()].filter(
    (other) => isPresent && other !== counter && isLive(window, other.start, now),
  );
  const spent = others.reduce((sum, other) => sum + other.spent, counter.spent);
  const fired = new Set([counter, ...others].flatMap((each) => each.fired));
  const reached = thresholds.filter((threshold) => !fired.has(threshold) && spent * 100n >= cap * BigInt(threshold));
  counter.fired.push(...reached);
  return reached.map((threshold) =>
    JSON.stringify({
      type: 'budget.threshold_reached',
      eventId: generateId(),
      budgetId: ruleId,
      budgetName: name,
      threshold,
      periodStart: counter.start,
      capPicoUsd: cap.toString(),
      spentPicoUsd: spent.toString(),
      reachedAt: now,
    } satisfies BudgetThresholdReached),
  );
}
