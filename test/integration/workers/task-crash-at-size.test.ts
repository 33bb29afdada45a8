import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it } from 'vitest';
import { TASK_RUNNERS, taskRunner, tenantGate } from '../../../durable-objects/stubs.ts';
import type { TaskState } from '../../../shared/contracts/tasks.ts';
import { eventually } from '../../harness/eventually.ts';
import { countOf, expireLeases } from '../../harness/gate-tenant.ts';
import { testEnv } from '../../harness/mint-tenant.ts';
import { playTaskRunners } from '../../harness/played-task-runner.ts';
import { consume, type Delivered, queueJobs } from '../../harness/task-jobs.ts';
import { endLeases, type Runner } from '../../harness/task-orders.ts';
import { problemsIn } from '../../harness/task-problems.ts';

const JOBS = 4_000;
const TIMEOUT_MS = 300_000;

afterEach(() => playTaskRunners(null));

/** Stubs that hold: those of objects that were aborted are broken. */
const runnersOf = ({ world }: Delivered): Runner[] =>
  Array.from({ length: TASK_RUNNERS }, (_, runner) => taskRunner(testEnv, world.tenant.tenantId, runner));

const eachOf = async (jobs: Delivered, act: (runner: Runner) => Promise<unknown>) => {
  for (const runner of runnersOf(jobs)) await act(runner);
};

function countIn(runner: Runner, what: string): Promise<number> {
  return runInDurableObject(
    runner,
    (_object, { storage }) => storage.sql.exec<{ n: number }>(`SELECT count(*) AS n FROM ${what}`).one().n,
  );
}

const countAll = async (jobs: Delivered, what: string) =>
  (await Promise.all(runnersOf(jobs).map((runner) => countIn(runner, what)))).reduce((sum, count) => sum + count, 0);

/**
 * Ends every process, `times` times, each time while as many calls are under way as may be; `meanwhile` is done to runners before
 * they recover.
 */
async function crashWhileConsumed(jobs: Delivered, times: number, meanwhile?: (runner: Runner) => Promise<unknown>) {
  const { points } = jobs;
  const apart = Math.floor(jobs.traces.length / (times + 1));
  const consuming = consume(jobs.messages, (tenantId, runner) => taskRunner(testEnv, tenantId, runner));
  for (let crash = 1; crash <= times; crash++) {
    points.stopAllAt('after dispatch', apart);
    await eventually(
      async () => points.hasStopped,
      (is) => is,
      100_000,
    );
    await abortAllDurableObjects();
    points.disarm();
    if (meanwhile) await eachOf(jobs, meanwhile);
    await eachOf(jobs, endLeases);
    await eachOf(jobs, runDurableObjectAlarm);
    await eachOf(jobs, (runner) => runner.run()); // as the hint that the alarm sent asks
  }
  await consuming;
  await eventually(
    async () => {
      await eachOf(jobs, (runner) => runner.run());
      return countAll(jobs, "tasks WHERE status IN ('queued', 'running')");
    },
    (unfinished) => unfinished === 0,
    100_000,
  );
}

/** Waits until all that there is to be told has come to Postgres. */
async function tellAll(jobs: Delivered): Promise<void> {
  await eventually(
    async () => {
      await eachOf(jobs, runDurableObjectAlarm);
      return countAll(jobs, 'outbox');
    },
    (events) => events === 0,
    100_000,
  );
  await new Promise((resolve) => setTimeout(resolve, 200)); // what ended is told within 120 ms
  const gate = tenantGate(testEnv, jobs.world.tenant.tenantId);
  await expireLeases(gate);
  await eventually(
    async () => {
      await runDurableObjectAlarm(gate);
      return countOf(gate, 'outbox');
    },
    (rows) => rows === 0,
    100_000,
  );
}

async function problemsOf(jobs: Delivered): Promise<{ problems: string[]; lostAttempts: number }> {
  await tellAll(jobs);
  const states = new Map<string, TaskState>();
  for (const runner of runnersOf(jobs)) {
    const rows = await runInDurableObject(runner, (_object, { storage }) =>
      storage.sql.exec<{ id: string; state: string }>('SELECT task_id AS id, state FROM tasks').toArray(),
    );
    for (const { id, state } of rows) states.set(id, JSON.parse(state));
  }
  const traces = new Map(jobs.orders.map(({ facts }, at) => [facts.taskId, jobs.traces[at] ?? '']));
  const { tenantId } = jobs.world.tenant;
  const problems = await problemsIn({ tenantId, traces, states, dispatched: jobs.points.dispatched });
  const executions = [...states.values()].flatMap((state) => state.executions);
  return { problems, lostAttempts: executions.filter(({ errorCode }) => errorCode === 'attempt_lost').length };
}

describe('every process ends while tasks run', () => {
  it(
    `${JOBS} tasks: each one ends once, and each call is billed once or at its estimate`,
    async () => {
      const jobs = await queueJobs(JOBS);
      await crashWhileConsumed(jobs, 3);
      const { problems, lostAttempts } = await problemsOf(jobs);
      expect(problems).toEqual([]);
      expect(lostAttempts).toBeGreaterThan(100);
    },
    TIMEOUT_MS,
  );

  it(
    'control: tasks that end with the process which runs them are found out',
    async () => {
      const jobs = await queueJobs(200);
      await crashWhileConsumed(jobs, 1, (runner) =>
        runInDurableObject(
          runner,
          (_object, { storage }) => storage.sql.exec("DELETE FROM tasks WHERE status = 'running'").rowsWritten,
        ),
      );
      expect((await problemsOf(jobs)).problems).toContain('a task was lost');
    },
    TIMEOUT_MS,
  );
});
