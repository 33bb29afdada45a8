import { afterEach, describe, expect, it } from 'vitest';
import { TASK_RUNNERS, taskRunner } from '../../../durable-objects/stubs.ts';
import type { TasksDue } from '../../../shared/contracts/queues.ts';
import type { TaskOrder } from '../../../shared/contracts/tasks.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { consumeTasksDue, type TaskConsumerPorts } from '../../../workers/providers/consumers/consume-tasks-due.ts';
import { CrashPoints } from '../../harness/crash-points.ts';
import { eventually } from '../../harness/eventually.ts';
import { type GateTenant, mintGateTenant } from '../../harness/gate-tenant.ts';
import { ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { playTaskRunners } from '../../harness/played-task-runner.ts';
import { seededRandom } from '../../harness/seeded-random.ts';
import { ANSWER, taskOrder } from '../../harness/task-orders.ts';

const JOBS = 4_000;
const CONSUMERS = 20;
const TWICE = 0.05;
const TIMEOUT_MS = 300_000;

const logger = createLogger({ service: 'providers', level: 'error', write: () => {} });

afterEach(() => playTaskRunners(null));

interface Delivered {
  readonly points: CrashPoints;
  readonly traces: readonly string[];
  readonly messages: readonly TasksDue[];
  readonly world: GateTenant;
  readonly orders: readonly TaskOrder[];
}

/** Jobs accepted by a tenant's runners, with a message for each, of which some come twice. Nothing but these wakes a runner. */
async function queueJobs(jobs: number): Promise<Delivered> {
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

/** Twenty consumers that take messages from one queue, ten at a time. */
async function consume(messages: readonly TasksDue[], runner: TaskConsumerPorts['runner']): Promise<number> {
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

/** Effects that are missing, and those that were had more than once. */
function tally(traces: readonly string[], effects: ReadonlyMap<string, number>) {
  const counts = traces.map((trace) => effects.get(trace) ?? 0);
  const effectsInAll = counts.reduce((sum, count) => sum + count, 0);
  return {
    effects: effectsInAll,
    lost: counts.filter((count) => count === 0).length,
    duplicate: counts.filter((count) => count > 1).length,
  };
}

describe(`L7: ${JOBS} queued jobs, 20 consumers, 5 % duplicate delivery`, () => {
  it(
    'have as many effects, none twice, none lost',
    async () => {
      const { world, points, traces, messages } = await queueJobs(JOBS);
      expect(messages.length).toBeGreaterThan(JOBS * 1.03);
      const { tenantId } = world.tenant;
      const acknowledged = await consume(messages, (tenant, runner) => taskRunner(testEnv, tenant, runner));
      expect(acknowledged).toBe(messages.length);
      const runners = Array.from({ length: TASK_RUNNERS }, (_, runner) => runner);
      const unfinished = async () => {
        const tallies = await Promise.all(runners.map((runner) => taskRunner(testEnv, tenantId, runner).run()));
        return tallies.length > 0 && points.dispatched.size < JOBS;
      };
      await eventually(unfinished, (is) => !is, 200_000);
      expect(tally(traces, points.dispatched)).toEqual({ effects: JOBS, lost: 0, duplicate: 0 });
      const billed = () => ownerSql()`
        select count(*)::int as rows, count(distinct task_id)::int as tasks from requests
        where tenant_id = ${tenantId} and task_id is not null`;
      const rows = await eventually(billed, ([row]) => row?.rows >= JOBS, 100_000);
      expect(rows).toEqual([{ rows: JOBS, tasks: JOBS }]);
    },
    TIMEOUT_MS,
  );

  it(
    'control: consumers that do what a message says, each time that it comes, are found out',
    async () => {
      const { orders, traces, messages } = await queueJobs(200);
      const traceOf = new Map(orders.map(({ facts }) => [facts.taskId, facts.traceparent.split('-')[1] ?? '']));
      const effects = new Map<string, number>();
      for (const { taskIds } of messages) {
        const trace = traceOf.get(taskIds[0] ?? '') ?? '';
        effects.set(trace, (effects.get(trace) ?? 0) + 1);
      }
      const { lost, duplicate } = tally(traces, effects);
      expect(lost).toBe(0);
      expect(duplicate).toBe(messages.length - 200);
      expect(duplicate).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});

describe('F8: a poison message in the TASKS queue', () => {
  const lettersOf = (mark: string) =>
    ownerSql()`select queue, error from dead_letters where payload::text like ${`%${mark}%`}`;

  it('lies among the dead letters after its last attempt, with what was wrong', async () => {
    const mark = crypto.randomUUID();
    await testEnv.TASKS.send({ type: 'tasks.due', mark } as unknown as TasksDue);
    const letters = await eventually(
      () => lettersOf(mark),
      ({ length }) => length > 0,
    );
    expect(letters).toMatchObject([{ queue: 'tasks-dlq', error: expect.stringContaining('tenantId') }]);
  });

  it('control: one that can be read is none', async () => {
    const mark = crypto.randomUUID();
    const [eventId, tenantId] = [crypto.randomUUID(), crypto.randomUUID()];
    await testEnv.TASKS.send({ type: 'tasks.due', v: 1, eventId, tenantId, runner: 0, taskIds: [mark] });
    const after = crypto.randomUUID();
    await testEnv.TASKS.send({ after } as unknown as TasksDue);
    await eventually(
      () => lettersOf(after),
      ({ length }) => length > 0,
    );
    expect(await lettersOf(mark)).toEqual([]);
  });
});
