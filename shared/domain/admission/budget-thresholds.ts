import type { BudgetThresholdReached } from '../../contracts/queues.ts';
import type { Counter } from './counter.ts';
import type { Limit } from './limit.ts';

/** Events for the thresholds of a budget that a counter has reached: each once in the counter's life. */
export function fireThresholds(
  { ruleId, name, cap, thresholds }: Limit,
  counter: Counter,
  now: number,
  generateId: () => string,
): string[] {
  if (cap === null || cap <= 0n) return [];
  const reached = thresholds.filter(
    (threshold) => !counter.fired.includes(threshold) && counter.spent * 100n >= cap * BigInt(threshold),
  );
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
      spentPicoUsd: counter.spent.toString(),
      reachedAt: now,
    } satisfies BudgetThresholdReached),
  );
}
