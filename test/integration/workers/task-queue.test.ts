import { afterEach, describe, expect, it } from 'vitest';
import { TASK_RUNNERS, taskRunner } from '../../../durable-objects/stubs.ts';
import type { TasksDue } from '../../../shared/contracts/queues.ts';
import { eventually } from '../../harness/eventually.ts';
import { ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { playTaskRunners } from '../../harness/played-task-runner.ts';
import { CONSUMERS, consume, queueJobs, TWICE } from '../../harness/task-jobs.ts';

const JOBS = 4_000;
const TIMEOUT_MS = 300_000;

afterEach(() => playTaskRunners(null));

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

describe(`L7: ${JOBS} queued jobs, ${CONSUMERS} consumers, ${100 * TWICE} % duplicate delivery`, () => {
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
