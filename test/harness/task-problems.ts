import type { TaskState } from '../../shared/contracts/tasks.ts';
import { ownerSql } from './mint-tenant.ts';

/** Tasks whose life is over, by their ids, and the trace that each was created in. */
export interface EndedTasks {
  readonly tenantId: string;
  readonly traces: ReadonlyMap<string, string>;
  /** As their runners have them; null where one has none. */
  readonly states: ReadonlyMap<string, TaskState | null>;
  /** Calls that a provider got, by trace. */
  readonly dispatched: ReadonlyMap<string, number>;
}

/** What went wrong, task by task: nothing may be lost, stuck, billed twice, or called without a bill. */
export async function problemsIn({ tenantId, traces, states, dispatched }: EndedTasks): Promise<string[]> {
  const rows = await ownerSql()`select trace_id as trace, status from requests where tenant_id = ${tenantId}`;
  const mirror = await ownerSql()`select id, status from tasks where tenant_id = ${tenantId}`;
  const bills = Map.groupBy(rows, ({ trace }) => String(trace));
  const recorded = new Map(mirror.map(({ id, status }) => [id, status]));
  const problems: string[] = [];
  for (const [taskId, trace] of traces) {
    const state = states.get(taskId) ?? null;
    if (!state) problems.push('a task was lost');
    else if (state.status !== 'succeeded') problems.push(`a task is stuck, ${state.status}`);
    const billed = bills.get(trace) ?? [];
    if ((dispatched.get(trace) ?? 0) > billed.length) problems.push('a call has no bill');
    if (state && billed.length > state.executions.length) problems.push('a call was billed twice');
    if (billed.filter(({ status }) => status === 'completed').length > 1) problems.push('a task was paid for twice');
    if (recorded.get(taskId) !== 'succeeded') problems.push('the record is not as the task');
  }
  return problems;
}
