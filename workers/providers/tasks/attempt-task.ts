import type { TaskCall, TaskCallReport } from '../../../durable-objects/task-runner/task-runner-base.ts';
import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import {
  type OrchestrateRequest,
  type OrchestrateResponse,
  orchestrateRequest,
} from '../../../shared/contracts/http/orchestrate.ts';
import type { ServedAt } from '../../../shared/contracts/residency.ts';
import type { AttemptBill } from '../../../shared/domain/tasks/decide.ts';
import { type DomainError, ERRORS, type ErrorCode } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { Logger } from '../../../shared/platform/logger.ts';
import { traceAttributes } from '../../../shared/platform/spans.ts';
import { continueTrace } from '../../../shared/platform/trace-context.ts';
import {
  type PipelineInput,
  type PipelinePorts,
  refusalToDomain,
  runRequest,
  type Settlement,
} from '../../gateway/pipeline/index.ts';
import { authoriseTask } from './authorise-task.ts';
import { type StreamFailure, streamAttempt } from './stream-attempt.ts';

/** Pause of a task that found no room, where nothing says how long. */
const POSTPONE_MS = 2_000;

/** Refusals that come before anything is sent, and that pass: the task waits, and has used up no attempt. */
const PASSING: readonly ErrorCode[] = ['unavailable', 'rate_limited', 'concurrency_limited'];

const NOTHING: AttemptBill = { requestId: null, costPicoUsd: '0', isEstimated: false };

/** The runner that makes attempts, and what it reaches. */
interface RunnerContext {
  readonly tenantId: string;
  readonly ports: PipelinePorts;
  readonly logger: Logger;
  /** The runner's own; null on a developer's machine. */
  readonly jurisdiction: ServedAt['jurisdiction'];
}

/**
 * Makes one attempt at a task: authorises it anew, and sends it through the pipeline, which holds, calls and settles. A
 * request of its own each time, so that each call to a provider is billed once, under its own hold.
 */
export async function attemptTask(runner: RunnerContext, call: TaskCall): Promise<TaskCallReport> {
  const { tenantId, ports, logger } = runner;
  const tenant = await authoriseTask(tenantId, call.facts, ports).catch((error: unknown) => {
    logger.warn('task.not_authorised', { taskId: call.facts.taskId, error });
    return { ok: false, error: refusalToDomain({ reason: 'unavailable' }) } as const;
  });
  if (!tenant.ok) return refused(tenant.error, NOTHING);
  const settlements: Settlement[] = [];
  const input = toInput(runner, call, tenant.value, (settled) => {
    settlements.push(settled);
  });
  const { taskId } = call.facts;
  const attributes = { ...traceAttributes(input.trace), 'eufm.task_id': taskId, 'eufm.attempt': call.attempt };
  // Ends at once: the runtime exports of an object's span no end and no attributes once another call has reached the object.
  await ports.spans.run('task.attempt', attributes, async () => {});
  const result = input.request.stream ? await streamAttempt(input, call.tell) : await runAttempt(input);
  logger.info('task.attempt', { ...input.logFields, code: result.ok ? undefined : result.error.error.code });
  const bill = billOf(input.requestId, settlements);
  if (result.ok) return { outcome: { kind: 'succeeded' }, bill, result: JSON.stringify(result.value) };
  const { error, hasBegun } = result.error;
  return hasBegun ? failed(error, bill) : refused(error, bill);
}

async function runAttempt(input: PipelineInput): Promise<Result<OrchestrateResponse, StreamFailure>> {
  const result = await runRequest(input);
  return result.ok ? ok(result.value.response) : err({ error: result.error, hasBegun: false });
}

function toInput(
  { ports, logger: base, jurisdiction }: RunnerContext,
  { facts, attempt, priority, request, signal }: TaskCall,
  tenant: TenantContext,
  onSettled: (settlement: Settlement) => void,
): PipelineInput {
  const session = ports.sessions.of(tenant.tenantId);
  const { requestId, index } = session.nextRequest();
  const { taskId, permission, traceparent, traceState } = facts;
  const trace = continueTrace(traceparent, traceState);
  const logger = base.with({ taskId, attempt, traceId: trace.traceId });
  const now = ports.now();
  return {
    request: readRequest(request),
    ...{ tenant, session, requestId, requestIndex: index, trace, ports, logger, logFields: {} },
    priority: priority > 0 ? 'high' : priority < 0 ? 'low' : 'normal',
    pulse: { seenAt: now },
    ...{ startedAt: now, callStartedAt: now, failedCalls: [], cacheWish: null, cacheUse: null },
    servedAt: { colo: null, jurisdiction },
    clientSignal: () => signal,
    task: { taskId, permission, cancelSignal: signal, onSettled },
    rename: (name) => logger.with({ requestId: name }),
    tellRates: () => {},
    tellCache: () => {},
    waitUntil: (work) => {
      work.catch((error: unknown) => logger.error('task.work_failed', { error }));
    },
  };
}

/** It was checked when the task was accepted; defaults that were added since are filled in. */
function readRequest(text: string): OrchestrateRequest {
  return orchestrateRequest.parse(JSON.parse(text));
}

function refused(error: DomainError, bill: AttemptBill): TaskCallReport {
  const { code, detail, retryAfterMs } = error;
  if (!PASSING.includes(code)) return failed(error, bill);
  const outcome = { kind: 'postponed', failure: { code, detail }, retryAfterMs: retryAfterMs ?? POSTPONE_MS } as const;
  return { outcome, bill, result: null };
}

function failed({ code, detail, retryAfterMs }: DomainError, bill: AttemptBill): TaskCallReport {
  const failure = { code, detail };
  const isRetryable = ERRORS[code].retry !== 'never';
  return { outcome: { kind: 'failed', failure, isRetryable, retryAfterMs: retryAfterMs ?? 0 }, bill, result: null };
}

/**
 * What an attempt cost: its last call, and those before it that may have been billed, each of which has a record of its own.
 * A request that was never settled had no hold: it cost nothing, and has no record.
 */
function billOf(requestId: string, settlements: readonly Settlement[]): AttemptBill {
  if (settlements.length === 0) return NOTHING;
  const costPicoUsd = settlements.reduce((sum, { record }) => sum + BigInt(record.costPicoUsd), 0n);
  const isEstimated = settlements.some((settlement) => settlement.costPicoUsd === null);
  return { requestId, costPicoUsd: costPicoUsd.toString(), isEstimated };
}
