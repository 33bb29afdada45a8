import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TaskStreamEvent, TaskStreamPlace, TaskStreamReply } from '../../../shared/contracts/tasks.ts';
import type { AppContext } from '../app-context.ts';
import { MOST_WAITING_LENGTH } from '../constants.ts';
import { FOLLOW_ATTEMPTS, FOLLOW_LIFETIME_MS } from './constants.ts';
import { followTask } from './follow-task.ts';

const TASK_ID = '0af76519-16cd-43dd-8448-eb211c80319c';

type Follow = (after: TaskStreamPlace | null) => Promise<TaskStreamReply>;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('IdentityTransformStream', class extends TransformStream<Uint8Array, Uint8Array> {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function event(position: number, name = 'text.delta', data: object = { text: 'x' }): TaskStreamEvent {
  return { attempt: 1, position, event: name, data: JSON.stringify(data) };
}

const told = (...events: readonly TaskStreamEvent[]): TaskStreamReply => ({ outcome: 'told', events, isOver: false });
const never = () => new Promise<never>(() => {});

/** A request of somebody who keeps their rights, whose runner answers as said. */
function follow(answer: Follow) {
  const asked: (TaskStreamPlace | null)[] = [];
  const work: Promise<unknown>[] = [];
  const lines: string[] = [];
  const silent = () => {};
  const logger = {
    warn: silent,
    error: silent,
    info: (_name: string, { end }: { end: string }) => void lines.push(end),
  };
  const runner = {
    follow: async (_id: string, after: TaskStreamPlace | null) => {
      asked.push(after);
      return answer(after);
    },
  };
  const ports = {
    now: () => Date.now(),
    taskRunner: () => runner,
    tenants: { find: () => Promise.reject(new Error('nobody can tell')) },
  };
  const variables: Record<string, unknown> = {
    ...{ ports, logger, logFields: {}, startedAt: Date.now(), tenant: { tenantId: TASK_ID } },
  };
  const context = {
    get: (name: string) => variables[name],
    var: variables,
    req: { raw: { signal: new AbortController().signal } },
    executionCtx: { waitUntil: (promise: Promise<unknown>) => void work.push(promise) },
  } as unknown as AppContext; // what following a task needs of one
  return { asked, work, lines, started: followTask(context, TASK_ID, null) };
}

async function bodyOf({ started }: ReturnType<typeof follow>): Promise<ReadableStream<Uint8Array>> {
  const result = await started;
  if (!result.ok || !result.value) throw new Error('nothing is followed');
  return result.value;
}

describe('following a task', () => {
  it('ends after its lifetime by saying so, and not by a clean close alone', async () => {
    let isFirst = true;
    const following = follow(() => {
      if (!isFirst) return never();
      isFirst = false;
      return Promise.resolve(told(event(1)));
    });
    const text = new Response(await bodyOf(following)).text();
    await vi.advanceTimersByTimeAsync(FOLLOW_LIFETIME_MS + 100);
    expect(await text).toMatch(
      /^id: 1-1\nevent: text\.delta\n.*\n\n(: keep-alive\n\n)+event: stream\.closed\ndata: \{"reason":"lifetime".*\n\n$/,
    );
    await Promise.all(following.work);
    expect(following.lines).toEqual(['lifetime']);
  });

  it('asks a runner that is away again, behind what was told, and says so when it stays away', async () => {
    let calls = 0;
    const following = follow(async () => {
      calls++;
      if (calls === 1) return told(event(1));
      if (calls === 2) throw new Error('the object was moved');
      if (calls === 3) return told(event(2));
      throw new Error('it is gone');
    });
    const text = new Response(await bodyOf(following)).text();
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await text).match(/^(id|event): .*$/gm)).toEqual([
      ...['id: 1-1', 'event: text.delta', 'id: 1-2', 'event: text.delta', 'event: stream.closed'],
    ]);
    expect(await text).toContain('"reason":"unavailable"');
    expect(following.asked).toHaveLength(3 + FOLLOW_ATTEMPTS);
    expect(following.asked.slice(1)).toEqual([
      ...Array(2).fill({ attempt: 1, position: 1 }),
      ...Array(FOLLOW_ATTEMPTS).fill({ attempt: 1, position: 2 }),
    ]);
  });

  it('asks for no more while its client has not taken what there was', async () => {
    let position = 0;
    const following = follow(async () => {
      position++;
      return told(event(position, 'text.delta', { text: 'x'.repeat(MOST_WAITING_LENGTH) }));
    });
    const reader = (await bodyOf(following)).getReader();
    await vi.advanceTimersByTimeAsync(5_000);
    const before = following.asked.length;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(following.asked.length).toBe(before);
    expect(before).toBeLessThan(4);
    await reader.read();
    await vi.advanceTimersByTimeAsync(100);
    expect(following.asked.length).toBe(before + 1); // control: it goes on once something was taken
    await reader.cancel();
    await vi.advanceTimersByTimeAsync(100);
    await Promise.all(following.work);
    expect(following.lines).toEqual(['left']);
  });

  it('answers a place that is none of the task’s with an error and no stream', async () => {
    const reply = { outcome: 'misplaced' } as const;
    expect(await follow(async () => reply).started).toMatchObject({ ok: false, error: { code: 'bad_request' } });
  });

  it('has nothing to answer behind the end', async () => {
    const reply = { outcome: 'told', events: [], isOver: true } as const;
    expect(await follow(async () => reply).started).toEqual({ ok: true, value: null });
  });
});
