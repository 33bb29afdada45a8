import type { TaskDetailView } from '../../contracts/http/tasks.ts';
import type { TaskExecution } from '../../contracts/tasks.ts';
import { toUsdText } from '../../contracts/usd-text.ts';

/** One attempt at a task as clients see it. */
export function toExecutionView(execution: TaskExecution): TaskDetailView['executions'][number] {
  const { costPicoUsd, startedAt, endedAt, ...rest } = execution;
  return {
    ...rest,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    costUsd: costPicoUsd === null ? null : toUsdText(BigInt(costPicoUsd)),
  };
}
