import type { RequestAttempt } from '../../../shared/contracts/queues.ts';
import { type AdmittedPlan, beginAnew } from './admit-request.ts';
import type { Failure } from './failure.ts';
import { settle } from './finish-request.ts';
import { holdPlan } from './hold-for.ts';
import { endpointCalled } from './location-of.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { type Ending, settlementOf } from './settlement.ts';

/** A call that failed, and why. */
export type FailedCall = Failure & { readonly cause: unknown };

/** How a call to one candidate ended. */
export type Called<T> = { readonly value: T } | { readonly failure: FailedCall };

/** What makes a call, and what becomes of one that has answered though nobody wants it any more. */
export interface Caller<T> {
  /** Does not reject. */
  call(input: PipelineInput, plan: AdmittedPlan, signal: AbortSignal): Promise<Called<T>>;
  drop(value: T): Ending;
}

/** The call that counts, by the plan that it was made by. */
export interface Counted<T> {
  readonly plan: AdmittedPlan;
  readonly called: Called<T>;
}

interface Running<T> {
  readonly input: PipelineInput;
  readonly plan: AdmittedPlan;
  readonly stop: AbortController;
  readonly called: Promise<Called<T>>;
}

const CANCELED = { status: 'canceled', errorCode: 'canceled' } as const;
export const DROPPED: Ending = { ...CANCELED, bill: { kind: 'unknown' } };

/**
 * Calls a candidate, and where the policy asks for it the next one beside it when the first has not answered by then: the
 * first answer counts, and the other call is ended at once. Each of the two has a hold of its own that covers it, and is
 * settled by itself: where a limit has no room for both, or the retry budget does not pay for one more call, there is but
 * one. The request bears the name of the call that counts.
 */
export async function callHedged<T>(
  input: PipelineInput,
  plan: AdmittedPlan,
  signal: AbortSignal,
  caller: Caller<T>,
): Promise<Counted<T>> {
  const afterMs = hedgeAfter(input, plan);
  if (afterMs === null) return { plan, called: await caller.call(input, plan, signal) };
  const first = start(input, plan, signal, caller);
  if (!(await isLate(first.called, afterMs))) return { plan, called: await first.called };
  const second = await startSecond(first, signal, caller);
  return second ? await raced(first, second, caller) : { plan, called: await first.called };
}

/** After how long a second call is to begin; null: none is. Of tasks nobody waits for an answer. */
function hedgeAfter({ task }: PipelineInput, { route, alternatives, failures }: AdmittedPlan): number | null {
  const isFirst = failures.length === 0 && alternatives.length > 0;
  return isFirst && !task ? (route?.hedgeAfterMs ?? null) : null;
}

function start<T>(input: PipelineInput, plan: AdmittedPlan, signal: AbortSignal, { call }: Caller<T>): Running<T> {
  const stop = new AbortController();
  return { input, plan, stop, called: call(input, plan, AbortSignal.any([signal, stop.signal])) };
}

async function isLate(called: Promise<unknown>, afterMs: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<true>();
  const timer = setTimeout(() => resolve(true), afterMs);
  try {
    return await Promise.race([late, called.then(() => false)]);
  } finally {
    clearTimeout(timer);
  }
}

/** Null: it must not be made, or the first has ended meanwhile. */
async function startSecond<T>(first: Running<T>, signal: AbortSignal, caller: Caller<T>): Promise<Running<T> | null> {
  const { input, plan } = first;
  const { ports, tenant } = input;
  const [next, ...rest] = plan.alternatives;
  if (!next || signal.aborted || !ports.health.mayCall(tenant.tenantId, next.candidate)) return null;
  if (!ports.retryBudgets.take(tenant.tenantId, plan.candidate.account.id)) return null;
  const own = aside(input);
  beginAnew(own);
  const failures = [...plan.failures, CANCELED.errorCode]; // what becomes of the first, unless it fails by itself
  const held = await holdPlan(own, { ...next, alternatives: rest, failures }, { isHasty: true });
  if (!held.ok) return null;
  if (!signal.aborted && (await isLate(first.called, 0))) return start(own, held.value, signal, caller);
  settle(own, settlementOf(own, held.value, { ...CANCELED, bill: { kind: 'nothing' } }), false);
  return null;
}

/** The first answer counts; a call that fails leaves it to the other. */
async function raced<T>(first: Running<T>, second: Running<T>, caller: Caller<T>): Promise<Counted<T>> {
  const { input, plan } = first;
  const ended = await Promise.race([
    first.called.then((called) => ({ who: first, called })),
    second.called.then((called) => ({ who: second, called })),
  ]);
  if (ended.who === second && 'value' in ended.called) {
    const own = aside(input);
    adopt(input, second, attemptOf(own, plan, CANCELED));
    dropLater({ ...first, input: own }, caller);
    return { plan: second.plan, called: ended.called };
  }
  if (ended.who === first && 'failure' in ended.called) {
    const { failure } = ended.called;
    const own = aside(input);
    adopt(input, second, attemptOf(own, plan, { status: 'failed', errorCode: failure.error.code }));
    settle(own, settlementOf(own, plan, failure.ending), false);
    const failures = [...plan.failures, failure.error.code];
    return { plan: { ...second.plan, failures }, called: await second.called };
  }
  const position = plan.failures.length + 1;
  const alternatives = plan.alternatives.slice(1);
  if ('failure' in ended.called) {
    const { error, ending } = ended.called.failure;
    input.failedCalls.push(attemptOf(second.input, second.plan, { status: 'failed', errorCode: error.code }));
    settle(second.input, settlementOf(second.input, second.plan, ending), false);
    return { plan: { ...plan, alternatives, beside: { position, code: error.code } }, called: await first.called };
  }
  input.failedCalls.push(attemptOf(second.input, second.plan, CANCELED));
  dropLater(second, caller);
  return { plan: { ...plan, alternatives, beside: { position, code: CANCELED.errorCode } }, called: ended.called };
}

/** Ends a call that does not count, and settles it when it has ended: at what it used, or at its estimate. */
function dropLater<T>({ input, plan, stop, called }: Running<T>, { drop }: Caller<T>): void {
  stop.abort(new DOMException('another one was faster', 'AbortError'));
  input.waitUntil(
    called.then((end) => {
      const ending = 'value' in end ? drop(end.value) : { ...end.failure.ending, ...CANCELED };
      settle(input, settlementOf(input, plan, ending), false);
    }),
  );
}

/** The same request for a call of its own, whose log line and name are not the client's. */
function aside(input: PipelineInput): PipelineInput {
  const { logger } = input;
  return { ...input, logFields: {}, failedCalls: [...input.failedCalls], rename: () => logger };
}

/** The record of a call beside the one that counts; it has one of its own, by this name. */
function attemptOf(
  input: PipelineInput,
  plan: AdmittedPlan,
  end: Pick<RequestAttempt, 'status' | 'errorCode'>,
): RequestAttempt {
  const { provider, model } = plan.candidate.offer;
  const { callStartedAt: startedAt, ports, requestId } = input;
  return { provider, model, startedAt, endedAt: ports.now(), ...end, requestId, endpoint: endpointCalled(input, plan) };
}

/** The request goes on as the second call. */
function adopt<T>(
  input: PipelineInput,
  { input: { session, requestId, requestIndex, callStartedAt } }: Running<T>,
  before: RequestAttempt,
): void {
  Object.assign(input, { session, requestId, requestIndex, callStartedAt, logger: input.rename(requestId) });
  input.failedCalls.push(before);
}
