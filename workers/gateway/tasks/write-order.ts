import type { Permission } from '../../../shared/auth/permissions.ts';
import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import { LONGEST_LIFE_MS, type TaskRequest } from '../../../shared/contracts/http/tasks.ts';
import type { TaskActor, TaskOrder } from '../../../shared/contracts/tasks.ts';
import { newTask } from '../../../shared/domain/tasks/new-task.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { refusalOfReceiver } from '../../../shared/platform/public-url.ts';
import { type TraceContext, toTraceparent } from '../../../shared/platform/trace-context.ts';
import { planRequest } from '../pipeline/plan-request.ts';
import type { PipelinePorts } from '../ports.ts';
import { SHOWN_INPUT_LENGTH } from './constants.ts';

/** Who asks for a task, and by what. */
export interface TaskOrigin {
  readonly tenant: TenantContext;
  readonly permission: Permission;
  readonly trace: TraceContext;
  readonly taskId: string;
  readonly batchId: string | null;
  readonly ports: Pick<PipelinePorts, 'now' | 'routing'> & { readonly allowsPrivateUpstreams: boolean };
}

/**
 * Writes a task down as its runner will keep it. A request that could not be sent now is refused now; what it may still be
 * refused for, its limits and rights, is asked when it begins.
 */
export function writeOrder(input: TaskRequest, origin: TaskOrigin): Result<TaskOrder, DomainError> {
  const { tenant, permission, trace, taskId, batchId, ports } = origin;
  const now = ports.now();
  const { priority, executeAt, deadlineAt, maxAttempts, backoff, callbackUrl, ...rest } = input;
  const request = { ...rest, async: false };
  const plan = planRequest({ request, tenant, ports });
  if (!plan.ok) return plan;
  const refusal = callbackUrl === undefined ? null : refusalOfReceiver(callbackUrl, ports.allowsPrivateUpstreams);
  if (refusal !== null) return err(invalid('/callbackUrl', refusal));
  const times = readTimes({ executeAt, deadlineAt }, now);
  if (!times.ok) return times;
  const state = newTask({ priority, maxAttempts, backoff, ...times.value }, now);
  const facts: TaskOrder['facts'] = {
    taskId,
    environmentId: plan.value.environmentId,
    actor: actorOf(tenant),
    ...{ permission, batchId, taskType: request.taskType },
    traceparent: toTraceparent(trace),
    traceState: trace.traceState ?? null,
    metadata: JSON.stringify(request.metadata),
    inputShown: shown(request.input),
    ...(callbackUrl !== undefined && { callbackUrl }),
    ...(request.stream && { isStreamed: true }),
  };
  return ok({ facts, state, request: JSON.stringify(request) });
}

function readTimes({ executeAt, deadlineAt }: Pick<TaskRequest, 'executeAt' | 'deadlineAt'>, now: number) {
  const times = {
    executeAt: executeAt === undefined ? null : Date.parse(executeAt),
    deadlineAt: deadlineAt === undefined ? null : Date.parse(deadlineAt),
  };
  const begins = Math.max(now, times.executeAt ?? now);
  if (begins > now + LONGEST_LIFE_MS) return err(invalid('/executeAt', 'It lies more than thirty days ahead.'));
  if (times.deadlineAt === null) return ok(times);
  if (times.deadlineAt <= begins) return err(invalid('/deadlineAt', 'It lies before the task may begin.'));
  if (times.deadlineAt <= begins + LONGEST_LIFE_MS) return ok(times);
  return err(invalid('/deadlineAt', 'It lies more than thirty days after the task may begin.'));
}

function actorOf({ actor, keyUse }: TenantContext): TaskActor {
  switch (actor.kind) {
    case 'user':
      return actor;
    case 'api_key':
      return { kind: 'api_key', apiKeyId: actor.apiKeyId, address: keyUse?.address ?? null };
    case 'scim_token':
      throw new Error('provisioning has no part in tasks');
  }
}

function shown(input: TaskRequest['input']): string {
  const text = JSON.stringify(input);
  return text.length <= SHOWN_INPUT_LENGTH ? text : JSON.stringify({ omittedCharacters: text.length });
}

function invalid(pointer: string, detail: string): DomainError {
  return { code: 'bad_request', detail, errors: [{ pointer, detail }] };
}
