import { runnerOf } from '../../../durable-objects/stubs.ts';
import type { TaskDetail, TaskOrder } from '../../../shared/contracts/tasks.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { retry } from '../../../shared/platform/retry.ts';
import { traceAttributes } from '../../../shared/platform/spans.ts';
import type { AppContext } from '../app-context.ts';
import { readRecord } from '../configuration/read-record.ts';
import { UNAVAILABLE_RETRY_MS } from '../constants.ts';
import type { GatewayPorts } from '../ports.ts';
import { ACCEPT_ATTEMPTS, ACCEPT_RETRY_BASE_MS, ACCEPT_RETRY_CAP_MS, FULL_RETRY_MS } from './constants.ts';

type KeptTask = Pick<TaskDetail, 'facts' | 'state'>;

const FULL: DomainError = {
  code: 'rate_limited',
  detail: 'Too many of the tenant’s tasks wait already. Nothing was kept.',
  retryAfterMs: FULL_RETRY_MS,
};
const AWAY: DomainError = {
  code: 'unavailable',
  detail: 'Tasks cannot be accepted right now. Of what was sent nothing begins any more.',
  retryAfterMs: UNAVAILABLE_RETRY_MS,
};
const IN_DOUBT: DomainError = {
  code: 'unavailable',
  detail:
    'Not all of this could be accepted right now. Send it again with the same Idempotency-Key: it is accepted once.',
  retryAfterMs: UNAVAILABLE_RETRY_MS,
};

/** Hands one task to its runner; answers the task as it is kept, which is older where its key was used before. */
export async function acceptTask(context: AppContext, order: TaskOrder): Promise<Result<KeptTask, DomainError>> {
  const accepted = await acceptTasks(context, [order]);
  if (!accepted.ok) return accepted;
  if (!context.get('claim')) return ok(order);
  const { taskId } = order.facts;
  const { taskRunner } = context.get('ports');
  const kept = await readRecord(context, () =>
    taskRunner(context.get('tenant').tenantId, runnerOf(taskId)).get(taskId),
  );
  return kept.ok ? ok(kept.value ?? order) : kept;
}

/**
 * Hands tasks to their runners. When it answers well, all of them are durable. Else none is left to run: what one runner
 * took while another could not be reached is canceled, as far as its own can be; only a single task, or those of one
 * runner, are taken as one. With an Idempotency-Key a runner that could not be reached leaves it in doubt, and the retry
 * with the key accepts what is missing.
 */
export async function acceptTasks(
  context: AppContext,
  orders: readonly TaskOrder[],
): Promise<Result<null, DomainError>> {
  const ports = context.get('ports');
  const { tenantId } = context.get('tenant');
  const groups = [...Map.groupBy(orders, ({ facts }) => runnerOf(facts.taskId))];
  const attributes = { ...traceAttributes(context.get('trace')), 'eufm.tasks': orders.length };
  const outcomes = await ports.spans.run('tasks.accept', attributes, () =>
    Promise.allSettled(groups.map(([runner, group]) => offer(() => ports.taskRunner(tenantId, runner).accept(group)))),
  );
  const states = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.state : 'away'));
  if (states.every((state) => state === 'accepted')) return ok(null);
  context.get('logger').error('tasks.not_accepted', { states });
  const isAway = states.includes('away');
  if (isAway && context.get('claim')) return err(IN_DOUBT);
  await takeBack(tenantId, groups, ports);
  return err(isAway ? AWAY : FULL);
}

/** A runner takes a task once, however often it is offered. */
function offer<T>(call: () => Promise<T>): Promise<T> {
  return retry(call, { attempts: ACCEPT_ATTEMPTS, baseMs: ACCEPT_RETRY_BASE_MS, capMs: ACCEPT_RETRY_CAP_MS });
}

async function takeBack(
  tenantId: string,
  groups: readonly (readonly [runner: number, orders: readonly TaskOrder[]])[],
  { taskRunner }: GatewayPorts,
): Promise<void> {
  await Promise.allSettled(
    groups.flatMap(([runner, orders]) =>
      orders.map(async ({ facts }) => taskRunner(tenantId, runner).cancel(facts.taskId)),
    ),
  );
}
