import { TASK_RUNNERS, taskRunner } from '../../durable-objects/stubs.ts';
import type { TasksDue } from '../../shared/contracts/queues.ts';
import type { TaskOrder } from '../../shared/contracts/tasks.ts';
import { createLogger } from '../../shared/platform/logger.ts';
import { consumeTasksDue, type TaskConsumerPorts } from '../../workers/providers/consumers/consume-tasks-due.ts';
import { CrashPoints } from './crash-points.ts';
import { type GateTenant, mintGateTenant } from './gate-tenant.ts';
import { ownerSql, testEnv } from './mint-tenant.ts';
import { playTaskRunners } from './played-task-runner.ts';
import { seededRandom } from './seeded-random.ts';
import { ANSWER, taskOrder } from './task-orders.ts';

export const CONSUMERS = 20;
/** The share of messages that come twice. */
export const TWICE = 0.05;

const logger = createLogger({ service: 'providers', level: 'error', write: () => {} });

export interface Delivered {
  readonly points: CrashPoints;
  readonly traces: readonly string[];
  readonly messages: readonly TasksDue[];
  readonly world: GateTenant;
  readonly orders: readonly TaskOrder[];
}

/** Jobs accepted by a tenant's runners, with a message for each, of which some come twice. Nothing but these wakes a runner. */
export async function queueJobs(jobs: number): Promise<Delivered> {
  const world = await mintGateTenant();
  await ownerSql()`update budgets set amount_usd = 1000000 where tenant_id = ${world.tenant.tenantId}`;
  await world.gate.publish({
    ...world.snapshot,
    configVersion: world.snapshot.configVersion + 1,
    budgets: world.snapshot.budgets.map((budget) => ({ ...budget, amountPicoUsd: `${10n ** 18n}` })),
  });
  const points = new CrashPoints();
  playTaskRunners((outside) => ({ ...points.standBefore(outside, () => ANSWER), send: async () => {} }));
  const random = seededRandom(7);
  const orders = Array.from({ length: jobs }, (_, at) => taskOrder(world.tenant, at % TASK_RUNNERS));
  const byRunner = Map.groupBy(orders, (_, at) => at % TASK_RUNNERS);
  for (const [runner, group] of byRunner) await taskRunner(testEnv, world.tenant.tenantId, runner).accept(group);
  const messages = orders.map(({ facts }, at): TasksDue => {
    const { tenantId } = world.tenant;
    const eventId = crypto.randomUUID();
    return { type: 'tasks.due', v: 1, eventId, tenantId, runner: at % TASK_RUNNERS, taskIds: [facts.taskId] };
  });
  const doubled = messages.flatMap((message) => (random() < TWICE ? [message, message] : [message]));
  const traces = orders.map(({ facts }) => facts.traceparent.split('-')[1] ?? '');
  return { world, points, orders, traces, messages: doubled.sort(() => random() - 0.5) };
}

/** Consumers that take messages from one queue, ten at a time. */
export async function consume(messages: readonly TasksDue[], runner: TaskConsumerPorts['runner']): Promise<number> {
  const queue = [...messages];
  let acknowledged = 0;
  const work = async () => {
    for (let bodies = queue.splice(0, 10); bodies.length > 0; bodies = queue.splice(0, 10)) {
      const batch = bodies.map((body) => ({
        ...{ id: body.eventId, body, attempts: 1, timestamp: new Date() },
        ack: () => acknowledged++,
        retry: () => queue.push(body),
      }));
      await consumeTasksDue({ queue: 'tasks', messages: batch } as unknown as MessageBatch, { logger, runner });
    }
  };
  await Promise.all(Array.from({ length: CONSUMERS }, work));
  return acknowledged;
}
