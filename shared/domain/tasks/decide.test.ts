import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TaskState } from '../../contracts/tasks.ts';
import { MOST_EXECUTIONS, TASK_LEASE_MS } from './constants.ts';
import { type AttemptOutcome, countAttempts, decide, hasEnded, nextTick, type TaskCommand } from './decide.ts';
import { newTask, type TaskWishes } from './new-task.ts';

const T0 = Date.UTC(2026, 10, 30);
const BILL = { requestId: '0af76519-16cd-43dd-8448-eb211c80319c', costPicoUsd: '7', isEstimated: false };
const BACKOFF = { baseMs: 1_000, capMs: 60_000 };
const FAILED: AttemptOutcome = {
  ...{ kind: 'failed', failure: { code: 'provider_failed', detail: 'It failed.' } },
  ...{ isRetryable: true, retryAfterMs: 0 },
};

const task = (wishes: Partial<TaskWishes> = {}) =>
  newTask({ priority: 0, executeAt: null, deadlineAt: null, maxAttempts: 3, backoff: BACKOFF, ...wishes }, T0);

const endWith = (outcome: AttemptOutcome, attempt = 1): TaskCommand => ({
  ...{ kind: 'end', attempt, outcome, bill: BILL, random: 0.5 },
});

/** The state after commands, each given with its time after the beginning. */
function stateAfter(
  state: TaskState,
  ...commands: readonly (readonly [ms: number, command: TaskCommand])[]
): TaskState {
  return commands.reduce((current, [ms, command]) => decide(current, command, T0 + ms).state, state);
}

describe('a task', () => {
  it('is called once it is claimed, keeps its result, and has then ended for good', () => {
    const claimed = decide(task(), { kind: 'claim' }, T0 + 5);
    expect(claimed.effects).toEqual([{ kind: 'call', attempt: 1 }]);
    expect(claimed.state).toMatchObject({ status: 'running', leaseUntil: T0 + 5 + TASK_LEASE_MS });
    const ended = decide(claimed.state, endWith({ kind: 'succeeded' }), T0 + 9);
    expect(ended.effects).toEqual([{ kind: 'keepResult' }]);
    expect(ended.state).toMatchObject({ status: 'succeeded', endedAt: T0 + 9, leaseUntil: null });
    expect(ended.state.executions).toMatchObject([{ number: 1, status: 'succeeded', ...BILL }]);
    for (const command of [
      endWith(FAILED),
      { kind: 'cancel' },
      { kind: 'retry', retryId: null },
      { kind: 'claim' },
    ] as const) {
      expect(decide(ended.state, command, T0 + 10).state).toBe(ended.state);
    }
  });

  it('is retried once by a request that comes twice, and again by another', () => {
    const failed = stateAfter(task({ maxAttempts: 1 }), [0, { kind: 'claim' }], [10, endWith(FAILED)]);
    const retried = decide(failed, { kind: 'retry', retryId: 'a' }, T0 + 20).state;
    const failedAgain = stateAfter(retried, [20, { kind: 'claim' }], [30, endWith(FAILED, 2)]);
    expect(failedAgain).toMatchObject({ status: 'failed', lastRetryId: 'a' });
    expect(decide(failedAgain, { kind: 'retry', retryId: 'a' }, T0 + 40).state).toBe(failedAgain);
    for (const retryId of ['b', null]) {
      expect(decide(failedAgain, { kind: 'retry', retryId }, T0 + 40).state.status).toBe('queued');
    }
  });

  it('waits for its time, and is not begun by two', () => {
    const later = task({ executeAt: T0 + 1_000 });
    expect(decide(later, { kind: 'claim' }, T0 + 999).state).toBe(later);
    const claimed = stateAfter(later, [1_000, { kind: 'claim' }]);
    expect(decide(claimed, { kind: 'claim' }, T0 + 1_001)).toEqual({ state: claimed, effects: [] });
  });

  it('is tried again after a pause that doubles, on top of what the provider asked for, as often as it may be', () => {
    const once = stateAfter(task(), [0, { kind: 'claim' }], [10, endWith(FAILED)]);
    expect(once).toMatchObject({ status: 'queued', runAfter: T0 + 10 + 500 });
    const twice = stateAfter(once, [510, { kind: 'claim' }], [600, endWith({ ...FAILED, retryAfterMs: 7_000 }, 2)]);
    expect(twice).toMatchObject({ status: 'queued', runAfter: T0 + 600 + 7_000 + 1_000 });
    const thrice = stateAfter(twice, [9_000, { kind: 'claim' }], [9_100, endWith(FAILED, 3)]);
    expect(thrice).toMatchObject({ status: 'failed', failure: { code: 'provider_failed' }, endedAt: T0 + 9_100 });
  });

  it('fails at once after what no retry helps against', () => {
    const failed = stateAfter(task(), [0, { kind: 'claim' }], [10, endWith({ ...FAILED, isRetryable: false })]);
    expect(failed).toMatchObject({ status: 'failed', executions: [{ status: 'failed' }] });
  });

  it('waits for room without using up an attempt, and its next one takes the number', () => {
    const postponed = { kind: 'postponed', failure: { code: 'rate_limited', detail: '' }, retryAfterMs: 900 } as const;
    const waiting = stateAfter(task({ maxAttempts: 1 }), [0, { kind: 'claim' }], [10, endWith(postponed)]);
    expect(waiting).toMatchObject({ status: 'queued', runAfter: T0 + 910, executions: [{ isCounted: false }] });
    const done = stateAfter(waiting, [910, { kind: 'claim' }], [990, endWith({ kind: 'succeeded' })]);
    expect(done.executions).toMatchObject([{ number: 1, status: 'succeeded' }]);
  });

  it('is taken from whoever is silent for the time of a lease, and not from one that is heard of', () => {
    const heard = stateAfter(task(), [0, { kind: 'claim' }], [TASK_LEASE_MS - 1, { kind: 'heartbeat', attempt: 1 }]);
    expect(stateAfter(heard, [TASK_LEASE_MS, { kind: 'tick', random: 0 }])).toBe(heard);
    const lost = stateAfter(heard, [2 * TASK_LEASE_MS, { kind: 'tick', random: 0 }]);
    expect(lost).toMatchObject({ status: 'queued', executions: [{ errorCode: 'attempt_lost', isEstimated: true }] });
    const late = decide(lost, endWith({ kind: 'succeeded' }), T0 + 2 * TASK_LEASE_MS + 1);
    expect(late).toEqual({ state: lost, effects: [] });
  });

  it.each([
    ['canceled', { kind: 'cancel' } as const, 50],
    ['failed', { kind: 'tick', random: 0 } as const, 1_000],
  ])('that is %s while it runs has its call ended, and still learns what that cost', (status, command, ms) => {
    const running = stateAfter(task({ deadlineAt: T0 + 1_000 }), [0, { kind: 'claim' }]);
    const stopped = decide(running, command, T0 + ms);
    expect(stopped.effects).toEqual([{ kind: 'abort', attempt: 1 }]);
    expect(stopped.state).toMatchObject({ status, executions: [{ status: 'running' }] });
    expect(decide(stopped.state, { kind: 'retry', retryId: null }, T0 + ms).state).toBe(stopped.state);
    const told = decide(stopped.state, endWith({ kind: 'succeeded' }), T0 + ms + 9);
    expect(told.effects).toEqual([]);
    expect(told.state).toMatchObject({ status, executions: [{ status: 'canceled', costPicoUsd: '7' }] });
    expect(decide(told.state, { kind: 'retry', retryId: null }, T0 + ms + 9).state).toMatchObject({
      status: 'queued',
      failure: null,
    });
  });
});

const outcome = fc.oneof(
  fc.constant<AttemptOutcome>({ kind: 'succeeded' }),
  fc.record({ isRetryable: fc.boolean(), retryAfterMs: fc.nat(5_000) }).map((rest) => ({ ...FAILED, ...rest })),
  fc.nat(5_000).map((retryAfterMs): AttemptOutcome => {
    return { kind: 'postponed', failure: { code: 'unavailable', detail: '' }, retryAfterMs };
  }),
);
const random = fc.double({ min: 0, max: 0.999, noNaN: true });
const command: fc.Arbitrary<TaskCommand> = fc.oneof(
  fc.constant<TaskCommand>({ kind: 'claim' }),
  fc.record({ kind: fc.constant('heartbeat' as const), attempt: fc.integer({ min: 1, max: 6 }) }),
  fc.record({
    ...{ kind: fc.constant('end' as const), attempt: fc.integer({ min: 1, max: 6 }) },
    ...{ outcome, bill: fc.constant(BILL), random },
  }),
  fc.record({ kind: fc.constant('tick' as const), random }),
  fc.constant<TaskCommand>({ kind: 'cancel' }),
  fc.constantFrom(null, 'a', 'b').map((retryId): TaskCommand => ({ kind: 'retry', retryId })),
);
const steps = fc.array(fc.record({ command, passes: fc.nat(20_000) }), { maxLength: 60 });
const wishes = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 10 }),
  deadlineAt: fc.option(fc.integer({ min: T0 + 1, max: T0 + 300_000 })),
  executeAt: fc.option(fc.integer({ min: T0, max: T0 + 60_000 })),
});

/** What no order of commands may break. Answers the first that one did. */
function broken(before: TaskState, now: number, each: TaskCommand, decision: ReturnType<typeof decide>): string | null {
  const { state, effects } = decision;
  const open = state.executions.filter(({ endedAt }) => endedAt === null);
  const calls = effects.filter(({ kind }) => kind === 'call').length;
  if (open.length > 1 || (open[0] && open[0] !== state.executions.at(-1))) return 'one open execution, the last';
  if ((open.length === 1) !== (state.leaseUntil !== null)) return 'a lease while one is open';
  if (state.status === 'running' && open.length === 0) return 'it runs nothing';
  if (state.status === 'queued' && open.length === 1) return 'it waits while it runs';
  if (hasEnded(state) !== (state.endedAt !== null)) return 'an end has its time';
  if (countAttempts(state) > state.attemptsAllowed || state.attemptsAllowed > MOST_EXECUTIONS)
    return 'too many attempts';
  if (state.executions.some(({ number }, at) => number !== at + 1)) return 'numbers without gaps';
  if (hasEnded(before) && state.status !== before.status && each.kind !== 'retry') return 'an end that was left';
  if (before.status === 'succeeded' && state !== before) return 'a success that was changed';
  if (calls > 0 && (each.kind !== 'claim' || before.status !== 'queued' || now < before.runAfter))
    return 'a call too many';
  if (calls > 0 && now >= before.deadlineAt) return 'a call too late';
  const isQuiet = each.kind === 'heartbeat' || state === before;
  if (state.revision !== before.revision && isQuiet) return 'a revision of nothing';
  if (state.revision <= before.revision && !isQuiet) return 'a change without a revision';
  return null;
}

function play(
  decideBy: typeof decide,
  from: Partial<TaskWishes>,
  played: readonly { command: TaskCommand; passes: number }[],
) {
  let [state, now] = [task(from), T0];
  for (const { command: each, passes } of played) {
    now += passes;
    const decision = decideBy(state, each, now);
    const problem = broken(state, now, each, decision);
    if (problem) return problem;
    const due = nextTick(state);
    if (each.kind === 'tick' && due !== null && due <= now && decision.state === state) return 'time changed nothing';
    state = decision.state;
  }
  return null;
}

describe('a task, whatever comes in whatever order', () => {
  it('has one open execution at most, ends once, and is never called too often, too early or too late', () => {
    fc.assert(
      fc.property(wishes, steps, (from, played) => {
        expect(play(decide, from, played)).toBeNull();
      }),
      { numRuns: 2_000, seed: 10 },
    );
  });

  it.each<[string, typeof decide, string]>([
    ['that takes a late end for its own', lateEnds, 'a success that was changed'],
    ['that is claimed though it runs', claimsTwice, 'a call too many'],
  ])('control: a machine %s is found out', (_name, wrong, problem) => {
    const found = fc.sample(fc.tuple(wishes, steps), { numRuns: 2_000, seed: 10 });
    expect(found.map(([from, played]) => play(wrong, from, played))).toContain(problem);
  });
});

function lateEnds(state: TaskState, each: TaskCommand, now: number) {
  if (each.kind !== 'end' || state.status !== 'succeeded') return decide(state, each, now);
  return { state: { ...state, revision: state.revision + 1 }, effects: [] };
}

function claimsTwice(state: TaskState, each: TaskCommand, now: number) {
  const decision = decide(state, each, now);
  if (each.kind !== 'claim' || state.status !== 'running') return decision;
  return { ...decision, effects: [{ kind: 'call' as const, attempt: 1 }] };
}
