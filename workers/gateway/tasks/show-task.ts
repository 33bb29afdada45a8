import type { OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';
import type { CallbackDelivery, TaskDetailView, TaskView } from '../../../shared/contracts/http/tasks.ts';
import type { TaskDetail, TaskOrder } from '../../../shared/contracts/tasks.ts';
import { toUsdText } from '../../../shared/contracts/usd-text.ts';
import { toExecutionView } from '../../../shared/domain/tasks/execution-view.ts';
import { costOf, traceIdOf } from '../../../shared/domain/tasks/task-event.ts';

/** A task as clients see it. */
export function showTask({ facts, state }: Pick<TaskOrder, 'facts' | 'state'>): TaskView {
  const cost = costOf(state.executions);
  return {
    id: facts.taskId,
    status: state.status,
    createdAt: iso(state.createdAt),
    workflowId: null,
    agentId: null,
    environmentId: facts.environmentId,
    batchId: facts.batchId,
    taskType: facts.taskType,
    priority: state.priority,
    executeAt: iso(state.runAfter),
    deadlineAt: iso(state.deadlineAt),
    maxAttempts: state.attemptsAllowed,
    errorCode: state.failure?.code ?? null,
    errorDetail: state.failure?.detail ?? null,
    costUsd: cost === null ? null : toUsdText(cost),
    traceId: traceIdOf(facts),
    metadata: JSON.parse(facts.metadata),
    updatedAt: iso(state.updatedAt),
    endedAt: state.endedAt === null ? null : iso(state.endedAt),
    callbackUrl: facts.callbackUrl ?? null,
  };
}

/** A task with its attempts, how far its ends are told, and its result. */
export function showTaskDetail(task: TaskDetail, callbackDeliveries: CallbackDelivery[] | null): TaskDetailView {
  return {
    ...showTask(task),
    executions: task.state.executions.map(toExecutionView),
    callbackDeliveries,
    output: task.result === null ? null : outputOf(task.result),
  };
}

/** The runner wrote it itself, from the pipeline's answer: the type states that. */
function outputOf(text: string): OrchestrateResponse['output'] {
  const { output }: OrchestrateResponse = JSON.parse(text);
  return output;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
