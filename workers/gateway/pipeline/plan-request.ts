import { maxCostOf } from '../../../shared/domain/pricing/cost.ts';
import type { Candidate } from '../../../shared/domain/routing/candidate.ts';
import type { Route } from '../../../shared/domain/routing/route-request.ts';
import type { DomainError, ErrorCode } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { NativeCalls, NativeRequest, ProviderAdapterV1, UsageBound } from '../../../shared/providers/contract.ts';
import { adapterFor } from '../../../shared/providers/registry.ts';
import { chooseRoute } from './choose-route.ts';
import { boundNative } from './native-bound.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { boundOf, canServe, canStream, type Task, toTask } from './task.ts';

/** What will be called, with what, and the most that it can use and cost. */
export interface RequestPlan {
  readonly environmentId: string;
  readonly candidate: Candidate;
  readonly adapter: ProviderAdapterV1;
  readonly task: Task;
  /** The same task in the client's own format, where the provider speaks it: then that is what is sent. */
  readonly native: { readonly request: NativeRequest; readonly calls: NativeCalls } | null;
  /** What of the client's request is not in what is sent. */
  readonly warnings: readonly string[];
  readonly bound: UsageBound;
  readonly isPriced: boolean;
  readonly maxCostPicoUsd: bigint;
  /** What may be called when this fails, in that order; each has the same route, and no alternatives of its own. */
  readonly alternatives: readonly RequestPlan[];
  /** How the candidates were chosen; null where there was nothing to choose. */
  readonly route: Route | null;
  /** Error codes of the candidates that failed before this one. */
  readonly failures: readonly ErrorCode[];
  /** The candidate that was called beside this one, by its place in the route, and how that ended. */
  readonly beside?: { readonly position: number; readonly code: ErrorCode };
  /** What goes on with an answer that others began; absent where the answer is this candidate's own. */
  readonly continued?: ContinuedPlan;
}

/** What the client has of an answer already. */
export interface ContinuedPlan {
  readonly begun: string;
  /** Who wrote it, by their places in the route, and how many characters each. */
  readonly writers: readonly { readonly position: number; readonly characters: number }[];
}

const NONE: readonly never[] = [];

type PlannedInput = Pick<PipelineInput, 'request' | 'spoken' | 'tenant'> & {
  readonly ports: Pick<PipelineInput['ports'], 'routing'>;
};

/**
 * Decides what a valid request asks of which provider, and of which others when that one fails. Nothing is called and
 * nothing is held.
 */
export function planRequest(input: PlannedInput): Result<RequestPlan, DomainError> {
  const { request, tenant, ports } = input;
  const { environmentId } = tenant;
  if (environmentId === null) {
    const detail = 'An access token is for no environment in particular: name one in the X-Env-Id header.';
    return err({ code: 'bad_request', detail, errors: [{ pointer: 'X-Env-Id', detail: 'required' }] });
  }
  const task = toTask(request);
  if (!task.ok) return task;
  const chosen = chooseRoute({ request, tenant, environmentId, task: task.value }, ports.routing);
  if (!chosen.ok) return chosen;
  const { candidates, route } = chosen.value;
  const [first, ...others] = candidates;
  if (!first) throw new Error('a route without a candidate');
  const refusal = refusalOf(task.value, input, first);
  if (refusal) return err(refusal);
  const plan = (candidate: Candidate) => planCandidate(input, { environmentId, task: task.value, route }, candidate);
  if (others.length === 0) return ok(plan(first));
  return ok({ ...plan(first), alternatives: others.map(plan) });
}

function planCandidate(
  { spoken, request }: PlannedInput,
  { environmentId, task, route }: Pick<RequestPlan, 'environmentId' | 'task' | 'route'>,
  candidate: Candidate,
): RequestPlan {
  const { offer } = candidate;
  const adapter = adapterFor(offer.provider);
  // Another vendor cannot go on in the middle of one's own events: such a stream is ours from the start.
  const isOurs = request.stream && request.continueOnFailure;
  const native = isOurs ? null : nativeOf(spoken?.native, adapter);
  const bound =
    native && task.kind === 'chat' ? boundNative(native.request, task.request, adapter) : boundOf(task, adapter);
  return {
    environmentId,
    candidate,
    adapter,
    task,
    native,
    warnings: [...(spoken?.warnings ?? []), ...((native ? spoken?.unsent : spoken?.unsaid) ?? [])],
    bound,
    isPriced: offer.components.length > 0,
    maxCostPicoUsd: maxCostOf(offer.components, bound),
    alternatives: NONE,
    route,
    failures: NONE,
  };
}

/** Why a provider cannot serve a task at all; null where it can. */
function refusalOf(task: Task, { request }: PlannedInput, { offer }: Candidate): DomainError | null {
  const adapter = adapterFor(offer.provider);
  if (!canServe(task, adapter)) {
    return unsupported('/taskType', `${offer.provider} does not serve taskType "${request.taskType}".`);
  }
  if (!request.stream || canStream(task, adapter)) return null;
  return unsupported('/stream', `${offer.provider} does not stream taskType "${request.taskType}".`);
}

function nativeOf(request: NativeRequest | undefined, { native: calls }: ProviderAdapterV1): RequestPlan['native'] {
  return request && calls?.format === request.format ? { request, calls } : null;
}

function unsupported(pointer: string, detail: string): DomainError {
  return { code: 'not_supported', detail, errors: [{ pointer, detail }] };
}
