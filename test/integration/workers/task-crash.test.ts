import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import type { TaskDetail, TaskOrder } from '../../../shared/contracts/tasks.ts';
import { hasEnded } from '../../../shared/domain/tasks/decide.ts';
import { CRASH_POINTS, type CrashPoint, CrashPoints } from '../../harness/crash-points.ts';
import { eventually } from '../../harness/eventually.ts';
import { countOf, expireLeases, type GateTenant, mintGateTenant } from '../../harness/gate-tenant.ts';
import { ownerSql, testEnv } from '../../harness/mint-tenant.ts';
import { type Play, playTaskRunners } from '../../harness/played-task-runner.ts';
import { seededRandom } from '../../harness/seeded-random.ts';
import {
  ANSWER,
  endLeases,
  type Runner,
  runnerFor,
  STREAMED_ANSWER,
  streamedOrder,
  taskOrder,
  tasksOf,
} from '../../harness/task-orders.ts';
import { problemsIn } from '../../harness/task-problems.ts';

const SEEDS = 20;
const TIMEOUT_MS = 240_000;

interface Story {
  world: GateTenant;
  readonly points: CrashPoints;
  runner: Runner;
  readonly tasks: Map<string, string>;
  /** Its tasks are streamed. */
  readonly isStreamed: boolean;
  /** Followers were told what is not there any more. */
  takenBack: number;
}

afterEach(() => playTaskRunners(null));

async function begin(change: Play = (outside) => outside, isStreamed = false): Promise<Story> {
  const world = await mintGateTenant();
  const points = new CrashPoints();
  const answer = (asked: string) => (JSON.parse(asked).stream ? STREAMED_ANSWER : ANSWER);
  playTaskRunners((outside) => change(points.standBefore(outside, answer)));
  const runner = runnerFor(world.tenant, '0');
  return { world, points, runner, tasks: new Map(), isStreamed, takenBack: 0 };
}

/** Points that are passed once for several tasks, since what they tell goes together. */
const SHARED: readonly CrashPoint[] = ['before settling', 'after settling', 'before its record', 'after its record'];
/** An alarm that a test runs itself must not be stopped within. */
const AGAIN = CRASH_POINTS.filter((point) => !point.endsWith('its record'));

/** Where a stream can break that another answer cannot: while its pieces come, and between its last one and its settlement. */
const STREAM_POINTS: readonly CrashPoint[] = ['mid-answer', 'before settling'];

/** Tasks of one seed, through a crash of every object at a point, and sometimes another one while they recover. */
async function live(story: Story, point: CrashPoint, seed: number, lose = async () => {}): Promise<boolean> {
  const { world, points } = story;
  const random = seededRandom(seed * 31 + CRASH_POINTS.indexOf(point));
  const order = story.isStreamed ? streamedOrder : taskOrder;
  const orders = Array.from({ length: 1 + Math.floor(random() * 3) }, () => order(world.tenant));
  for (const { facts } of orders) story.tasks.set(facts.taskId, facts.traceparent.split('-')[1] ?? '');
  points.stopAt(point, SHARED.includes(point) ? 1 : 1 + Math.floor(random() * orders.length));
  await story.runner.accept(orders);
  await story.runner.run();
  if (random() < 0.5) await story.runner.run(); // a hint that comes twice
  const isStopped = await stopped(story);
  const told = await toldOf(story, orders);
  await crash(story);
  await lose();
  if (random() < 0.3) {
    points.stopAt(AGAIN[Math.floor(random() * AGAIN.length)] ?? point, 1);
    await recover(story);
    await stopped(story);
    await crash(story);
  }
  points.disarm();
  await recover(story);
  await ended(story);
  const toldAtLast = await toldOf(story, orders);
  for (const [at, events] of told.entries()) if (!toldAtLast[at]?.startsWith(events)) story.takenBack++;
  return isStopped;
}

/** What followers of streamed tasks are told, as text; of others nothing, since they are not followed. */
async function toldOf({ runner, isStreamed }: Story, orders: readonly TaskOrder[]): Promise<string[]> {
  const told: string[] = [];
  for (const { facts } of isStreamed ? orders : []) {
    const reply = await runner.follow(facts.taskId, null, 0);
    told.push('events' in reply ? reply.events.map((event) => JSON.stringify(event)).join() : '');
  }
  return told;
}

/** Waits for a runner to be stopped, or for all to end without it: a point may be passed by, as where nothing is asked. */
async function stopped({ runner, points, tasks }: Story): Promise<boolean> {
  const point = async () => {
    if (points.hasStopped) return 'stopped';
    const told = await tasksOf(runner, [...tasks.keys()].slice(-3));
    const isRecorded = await runInDurableObject(
      runner,
      (_object, { storage }) => storage.sql.exec('SELECT 1 FROM outbox').toArray().length === 0,
    );
    return told.every(isOver) && isRecorded ? 'ended' : 'on its way';
  };
  return (await eventually(point, (is) => is !== 'on its way', 5_000)) === 'stopped';
}

const isOver = (task: TaskDetail | null) => task === null || hasEnded(task.state);

async function crash(story: Story): Promise<void> {
  await abortAllDurableObjects();
  story.runner = runnerFor(story.world.tenant, '0'); // a stub of an object that was aborted is broken
  story.world = { ...story.world, gate: tenantGate(testEnv, story.world.tenant.tenantId) };
}

/** Two alarms: one finds the attempts that were lost, one begins the next. */
async function recover(story: Story): Promise<void> {
  await endLeases(story.runner);
  await runDurableObjectAlarm(story.runner);
  await runDurableObjectAlarm(story.runner);
  await story.runner.run();
}

function ended(story: Story): Promise<(TaskDetail | null)[]> {
  return eventually(
    () => tasksOf(story.runner, [...story.tasks.keys()]),
    (tasks) => tasks.every(isOver),
    5_000,
  );
}

/** What went wrong, once all that is to be told has come to Postgres. */
async function problemsOf(story: Story): Promise<string[]> {
  const { world, points, runner, tasks } = story;
  await eventually(
    async () => {
      await runDurableObjectAlarm(runner).catch(() => {});
      return runInDurableObject(
        runner,
        (_object, { storage }) => storage.sql.exec('SELECT 1 FROM outbox').toArray().length,
      );
    },
    (length) => length === 0,
  );
  await new Promise((resolve) => setTimeout(resolve, 200)); // what ended is told within 120 ms
  await expireLeases(world.gate);
  await eventually(
    async () => {
      await runDurableObjectAlarm(world.gate);
      return countOf(world.gate, 'outbox');
    },
    (count) => count === 0,
  );
  const told = await tasksOf(runner, [...tasks.keys()]);
  const states = new Map([...tasks.keys()].map((taskId, at) => [taskId, told[at]?.state ?? null]));
  const { tenantId } = world.tenant;
  return await problemsIn({ tenantId, traces: tasks, states, dispatched: points.dispatched });
}

describe('F1: every object is killed while tasks are', () => {
  it.each(CRASH_POINTS)(
    `%s: ${SEEDS} times nothing is lost, stuck, billed twice or left without a bill`,
    async (point) => {
      const story = await begin();
      let [stops, seed] = [0, 0];
      while (stops < SEEDS && seed < 2 * SEEDS) if (await live(story, point, ++seed)) stops++;
      expect(stops).toBe(SEEDS);
      expect(await problemsOf(story)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it.each(STREAM_POINTS)(
    `%s of a streamed task: ${SEEDS} times the same, and nothing that was told is taken back`,
    async (point) => {
      const story = await begin((outside) => outside, true);
      let [stops, seed] = [0, 0];
      while (stops < SEEDS && seed < 2 * SEEDS) if (await live(story, point, ++seed)) stops++;
      expect(stops).toBe(SEEDS);
      expect(await problemsOf(story)).toEqual([]);
      expect(story.takenBack).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'control: a runner that keeps pieces in memory alone takes back what it told',
    async () => {
      const story = await begin((outside) => outside, true);
      const seeds = [1, 2, 3];
      for (const seed of seeds) {
        await live(story, 'mid-answer', seed, async () => {
          await runInDurableObject(
            story.runner,
            (_object, { storage }) => storage.sql.exec('DELETE FROM stream_events WHERE first > 2').rowsWritten,
          );
        });
      }
      expect(story.takenBack).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    'control: a runner that keeps its tasks in memory alone is found out',
    async () => {
      const story = await begin();
      story.points.stopAt('after dispatch', 1);
      const order = taskOrder(story.world.tenant);
      story.tasks.set(order.facts.taskId, order.facts.traceparent.split('-')[1] ?? '');
      await story.runner.accept([order]);
      await story.runner.run();
      expect(await stopped(story)).toBe(true);
      await crash(story);
      await runInDurableObject(
        story.runner,
        (_object, { storage }) => storage.sql.exec('DELETE FROM tasks').rowsWritten,
      );
      await recover(story);
      expect(await problemsOf(story)).toContain('a task was lost');
    },
    TIMEOUT_MS,
  );

  it(
    'control: one that settles under another name each time is found out',
    async () => {
      const story = await begin((outside) => ({
        ...outside,
        gate: (tenantId, shard) => {
          const gate = outside.gate(tenantId, shard);
          return {
            ...gate,
            sync: (command) =>
              gate.sync({ ...command, events: command.events.flatMap((event) => [event, renamed(event)]) }),
          };
        },
      }));
      await live(story, 'after settling', 1);
      expect(await problemsOf(story)).toContain('a call was billed twice');
    },
    TIMEOUT_MS,
  );
});

function renamed(event: string): string {
  return JSON.stringify({ ...JSON.parse(event), requestId: crypto.randomUUID() });
}

/** What Postgres has of some tasks, without what is each run's own. */
async function ledgerOf(story: Story): Promise<unknown> {
  const { tenantId } = story.world.tenant;
  expect(await problemsOf(story)).toEqual([]);
  const sql = ownerSql();
  return {
    requests: await sql`
      select provider, model, status, error_code, cost_usd::text as cost, input_token_count as input, count(*)::int as n
      from requests where tenant_id = ${tenantId}
      group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6`,
    executions: await sql`
      select number, status, error_code, cost_usd::text as cost, count(*)::int as n from task_executions
      where tenant_id = ${tenantId} group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
    usage: await sql`
      select unit, value::text as value, cost_usd::text as cost from usage_aggregates
      where tenant_id = ${tenantId} and period_end - period_start > interval '1 hour' and cost_usd > 0 order by unit`,
  };
}

/** Five tasks, step by step: accepted, begun, ended, recorded. `between` is done after each step. */
async function stepThrough(between: (story: Story) => Promise<void>): Promise<unknown> {
  const story = await begin();
  const orders = Array.from({ length: 5 }, () => taskOrder(story.world.tenant));
  for (const { facts } of orders) story.tasks.set(facts.taskId, facts.traceparent.split('-')[1] ?? '');
  for (const order of orders) {
    await story.runner.accept([order]);
    await between(story);
  }
  await story.runner.run();
  await ended(story);
  await new Promise((resolve) => setTimeout(resolve, 200)); // what ended is told within 120 ms
  await between(story);
  await runDurableObjectAlarm(story.runner);
  await between(story);
  return await ledgerOf(story);
}

describe('F2: objects are evicted between the steps of tasks', () => {
  const evict = async ({ runner, world }: Story) => {
    await Promise.all([runner.progress('none'), world.gate.freshness()]); // only what is in memory can be evicted
    await evictDurableObject(runner);
    await evictDurableObject(world.gate);
  };

  it(
    'the ledger is the same as without',
    async () => {
      expect(await stepThrough(evict)).toEqual(await stepThrough(async () => {}));
    },
    TIMEOUT_MS,
  );

  it(
    'control: a call that is lost on the way makes another ledger',
    async () => {
      const plain = await stepThrough(async () => {});
      let isFirst = true;
      const lossy = await stepThrough(async (story) => {
        if (!isFirst) return;
        isFirst = false;
        story.points.stopAt('after dispatch', 1);
        await story.runner.run();
        expect(await stopped(story)).toBe(true);
        await crash(story);
        await recover(story);
      });
      expect(lossy).not.toEqual(plain);
    },
    TIMEOUT_MS,
  );
});
