import { TASK_RUNNERS } from '../../../durable-objects/stubs.ts';
import type { TaskBatch } from '../../../shared/contracts/http/tasks.ts';
import { TASK_STATUSES, type TaskProgress } from '../../../shared/contracts/tasks.ts';
import { countBatch } from '../../../shared/services/count-batch.ts';
import type { GatewayPorts } from '../ports.ts';

/** How far a tenant's batch is: by its runners, or, once they have forgotten all of it, by the record. */
export async function findBatch(
  { taskRunner, db }: GatewayPorts,
  tenantId: string,
  batchId: string,
): Promise<TaskBatch | null> {
  const runners = Array.from({ length: TASK_RUNNERS }, (_, runner) => taskRunner(tenantId, runner));
  const parts = await Promise.all(runners.map((runner) => runner.progress(batchId)));
  const batch = toBatch(batchId, parts);
  if (batch.total > 0) return batch;
  const recorded = toBatch(batchId, [await countBatch({ db, tenantId, batchId })]);
  return recorded.total > 0 ? recorded : null;
}

function toBatch(id: string, parts: readonly TaskProgress[]): TaskBatch {
  const sum = (status: keyof TaskProgress) => parts.reduce((total, part) => total + part[status], 0);
  const counts = { queued: sum('queued'), running: sum('running'), succeeded: sum('succeeded') };
  const others = { failed: sum('failed'), canceled: sum('canceled') };
  const all = { ...counts, ...others };
  const total = TASK_STATUSES.reduce((count, status) => count + all[status], 0);
  return { id, total, ended: total - all.queued - all.running, ...all };
}
