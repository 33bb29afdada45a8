import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { afterEach, describe, expect, it } from 'vitest';
import { tenantGate } from '../../../durable-objects/stubs.ts';
import type { TaskOrder } from '../../../shared/contracts/tasks.ts';
import { eventually } from '../../harness/eventually.ts';
import { readSnapshot } from '../../harness/gate-tenant.ts';
import { mintTenant, type TestTenant, testEnv } from '../../harness/mint-tenant.ts';
import { playTaskRunners } from '../../harness/played-task-runner.ts';
import { seededRandom } from '../../harness/seeded-random.ts';
import { SteppedUpstream } from '../../harness/stepped-upstream.ts';
import { faultsIn, type TaskEvent, TaskEventReader, textOf } from '../../harness/task-events.ts';
import { endLeases, runnerFor, streamedOrder } from '../../harness/task-orders.ts';

const DROPS = 100;
const TIMEOUT_MS = 25_000;

interface Story {
  readonly tenant: TestTenant;
  readonly upstream: SteppedUpstream;
  readonly order: TaskOrder;
  readonly random: () => number;
}

afterEach(() => playTaskRunners(null));

/** A streamed task whose provider writes a word when it is told to, and has begun. */
async function begin(seed: number): Promise<Story> {
  const tenant = await mintTenant({ scopes: ['tasks:read', 'tasks:write', 'orchestrate:invoke'] });
  await tenantGate(testEnv, tenant.tenantId).publish(await readSnapshot(tenant));
  const upstream = new SteppedUpstream();
  playTaskRunners((outside) => ({ ...outside, fetch: (_input, init) => upstream.answer(init?.signal) }));
  const order = streamedOrder(tenant);
  await runnerFor(tenant, order.facts.taskId).accept([order]);
  await upstream.begun(1);
  return { tenant, upstream, order, random: seededRandom(seed) };
}

function connect({ tenant, order }: Story, after: string | null): Promise<Response> {
  const headers = { ...tenant.headers, ...(after !== null && { 'last-event-id': after }) };
  return exports.default.fetch(`https://gateway.test/v1/tasks/${order.facts.taskId}/stream`, { headers });
}

/** Where a client goes on from: behind the last event that it has, or as a faulty one takes it. */
type Resume = (events: readonly TaskEvent[]) => string | null;
const behindLast: Resume = (events) => events.at(-1)?.id ?? null;

/** Reads a few events at a time, drops the connection, comes again; between, the model writes on and `disturb` is done. */
async function readWithDrops(
  story: Story,
  drops: number,
  {
    resume = behindLast,
    disturb = async () => {},
  }: { resume?: Resume; disturb?: (drop: number) => Promise<void> } = {},
): Promise<TaskEvent[]> {
  const { upstream, random } = story;
  const events: TaskEvent[] = [];
  for (let drop = 1; drop <= drops; drop++) {
    const reader = new TaskEventReader(await connect(story, resume(events)));
    upstream.write(2);
    for (let left = 1 + Math.floor(random() * 2); left > 0; left--) {
      const event = await reader.next();
      if (event) events.push(event);
    }
    await reader.leave();
    await disturb(drop);
  }
  upstream.finish();
  events.push(...(await new TaskEventReader(await connect(story, resume(events))).rest()));
  return events;
}

async function outputOf({ tenant, order }: Story): Promise<unknown> {
  const task = await runnerFor(tenant, order.facts.taskId).get(order.facts.taskId);
  return JSON.parse(task?.result ?? 'null').output.message.content;
}

describe('R5: a task is followed over connections that drop', () => {
  it(
    `${DROPS} drops: no event is missing, none comes twice, and the pieces are the output`,
    async () => {
      const story = await begin(1);
      const events = await readWithDrops(story, DROPS);
      expect(events.at(-1)).toMatchObject({ event: 'task.ended', data: { status: 'succeeded' } });
      expect(events.length).toBeGreaterThan(2 * DROPS);
      expect(faultsIn(events)).toEqual({ gaps: 0, duplicates: 0 });
      expect(textOf(events)).toBe(story.upstream.written);
      expect(await outputOf(story)).toBe(story.upstream.written);
    },
    TIMEOUT_MS,
  );

  it(
    'control: a client that goes on one event too early, and one that does so too late, are found out',
    async () => {
      const beforeLast: Resume = (events) => events.at(-2)?.id ?? null;
      const early = await readWithDrops(await begin(2), 10, { resume: beforeLast });
      expect(faultsIn(early).duplicates).toBeGreaterThan(0);
      const late = (await readWithDrops(await begin(3), 10)).filter((_, at) => at !== 7);
      expect(faultsIn(late).gaps).toBe(1);
      expect(faultsIn(late).duplicates).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'the runner is killed and evicted meanwhile: what was told stays told, and the next attempt says that it is one',
    async () => {
      const story = await begin(4);
      const { tenant, upstream, order } = story;
      let attempts = 1;
      const restart = async (kill: () => Promise<void>) => {
        await kill();
        const runner = runnerFor(tenant, order.facts.taskId);
        await endLeases(runner);
        await runDurableObjectAlarm(runner); // finds the attempt that was lost
        await runner.run();
        await upstream.begun(++attempts);
      };
      const killAndEvict = async () => {
        await abortAllDurableObjects(); // one that makes a call is kept in memory
        const runner = runnerFor(tenant, order.facts.taskId);
        await runner.progress('none'); // only what is in memory can be evicted
        await evictDurableObject(runner);
      };
      const events = await readWithDrops(story, 20, {
        disturb: async (drop) => {
          if (drop % 10 === 3) await restart(abortAllDurableObjects);
          if (drop % 10 === 7) await restart(killAndEvict);
        },
      });
      expect(events.at(-1)).toMatchObject({ event: 'task.ended', data: { status: 'succeeded' } });
      expect(events.filter(({ event }) => event === 'attempt')).toHaveLength(attempts);
      expect(faultsIn(events)).toEqual({ gaps: 0, duplicates: 0 });
      expect(textOf(events)).toBe(upstream.written);
      expect(await outputOf(story)).toBe(upstream.written);
      expect(await new TaskEventReader(await connect(story, null)).rest()).toEqual(events);
    },
    TIMEOUT_MS,
  );

  it(
    'a connection that stays goes on over the death of the runner',
    async () => {
      const story = await begin(5);
      const { tenant, upstream, order } = story;
      const reader = new TaskEventReader(await connect(story, null));
      upstream.write(3);
      const events = await reader.through('text.delta');
      await abortAllDurableObjects();
      const runner = runnerFor(tenant, order.facts.taskId);
      await endLeases(runner);
      await runDurableObjectAlarm(runner);
      await runner.run();
      await upstream.begun(2);
      upstream.write(3);
      upstream.finish();
      events.push(...(await reader.rest()));
      expect(events.at(-1)).toMatchObject({ event: 'task.ended', data: { status: 'succeeded', attempt: 2 } });
      expect(faultsIn(events)).toEqual({ gaps: 0, duplicates: 0 });
      expect(textOf(events)).toBe(upstream.written);
    },
    TIMEOUT_MS,
  );

  it('control: an event that was told and is not kept is found out by who comes again', async () => {
    const story = await begin(6);
    const { tenant, upstream, order } = story;
    const reader = new TaskEventReader(await connect(story, null));
    upstream.write(1);
    const events = await reader.through('text.delta');
    const runner = runnerFor(tenant, order.facts.taskId);
    await runInDurableObject(runner, (_object, { storage }) => {
      storage.sql.exec('DELETE FROM stream_events WHERE last >= ?', Number(events.at(-1)?.id?.split('-')[1]));
    });
    const response = await eventually(
      () => connect(story, events.at(-1)?.id ?? null),
      ({ status }) => status === 400,
    );
    expect(response.status).toBe(400);
    upstream.finish();
  });
});
