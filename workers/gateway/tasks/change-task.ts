import { runnerOf } from '../../../durable-objects/stubs.ts';
import type { TaskDetailView } from '../../../shared/contracts/http/tasks.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { AppContext } from '../app-context.ts';
import { NOT_FOUND } from '../configuration/apply-change.ts';
import { readRecord } from '../configuration/read-record.ts';
import { changerOf } from './changer-of.ts';
import { deliveriesOf } from './deliveries-of.ts';
import { showTaskDetail } from './show-task.ts';

/** Cancels or retries a task of the tenant. What was done before, by this key or as a whole, changes nothing and is no error. */
export async function changeTask(
  context: AppContext,
  id: string,
  change: 'cancel' | 'retry',
): Promise<Result<TaskDetailView, DomainError>> {
  const { tenantId } = context.get('tenant');
  const ports = context.get('ports');
  const runner = ports.taskRunner(tenantId, runnerOf(id));
  const by = changerOf(context);
  const retryId = context.get('claim')?.effectId;
  const reply = await readRecord(context, () =>
    change === 'cancel' ? runner.cancel(id, by) : runner.retry(id, retryId, by),
  );
  if (!reply.ok) return reply;
  if (reply.value.outcome === 'absent') return err(NOT_FOUND);
  const { outcome, task } = reply.value;
  const isDone =
    change === 'cancel'
      ? task.state.status === 'canceled'
      : retryId !== undefined && task.state.lastRetryId === retryId;
  if (outcome === 'changed' || isDone) return ok(showTaskDetail(task, await deliveriesOf(ports, tenantId, task)));
  const detail =
    change === 'cancel'
      ? `The task has ${task.state.status} already.`
      : `The task is ${task.state.status}, or its last call still ends, or it was tried too often: it is not tried again.`;
  return err({ code: 'conflict', detail });
}
