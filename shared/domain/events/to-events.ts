import type { EventToTell, Told } from '../../contracts/events.ts';
import type { RoutingDecision } from '../../contracts/http/routing-decision.ts';
import type { BudgetThresholdReached, LedgerEvent, RequestRecorded, TaskRecorded } from '../../contracts/queues.ts';
import type { HoldCommand } from '../../contracts/rpc.ts';
import { toUsdText } from '../../contracts/usd-text.ts';

/** The events of something that a TenantGate tells, in order. Empty for what is the audit log's, or the hub's, alone. */
export function toEvents(told: Told): EventToTell[] {
  switch (told.kind) {
    case 'started':
      return told.holds.map(([command]) => startedOf({ ...command, traceId: traceIdOf(command) }));
    case 'given_up':
      return [givenUp(told.hold, told.at)];
    case 'recorded': {
      const begun = new Set(told.begun);
      return told.events.flatMap((event) => recorded(event, begun));
    }
    case 'configured':
      return [];
  }
}

function recorded(event: LedgerEvent, begun: ReadonlySet<string>): EventToTell[] {
  switch (event.type) {
    case 'request.recorded':
      if (event.revision > 1) return [endedOf(event, 'request.corrected')];
      return [...(begun.has(event.requestId) ? [] : [startedOf(event)]), endedOf(event, 'request.completed')];
    case 'budget.threshold_reached':
      return [alertOf(event)];
    case 'task.recorded':
      return [taskOf(event)];
    case 'secret.opened':
    case 'task.changed':
    case 'access.denied':
      return [];
  }
}

/** A request that was given up before its call began, though its hold was told of. */
function givenUp(command: HoldCommand, now: number): EventToTell {
  return {
    ...envelopeOf(command, `${command.requestId}.completed`, now),
    traceId: traceIdOf(command),
    type: 'request.completed',
    data: {
      ...dataOf(command),
      ...{ status: 'canceled', errorCode: 'hold_unused', latencyMs: null, costUsd: '0', endedAt: iso(now) },
      ...{ inputTokenCount: null, outputTokenCount: null },
    },
  };
}

function traceIdOf({ traceparent }: HoldCommand): string | null {
  return traceparent.split('-')[1] ?? null;
}

type Begun = Pick<HoldCommand, 'requestId' | 'environmentId' | 'apiKeyId' | 'provider' | 'model' | 'taskType'> &
  Pick<HoldCommand, 'startedAt' | 'taskId' | 'metadata'>;

function startedOf(begun: Begun & { readonly traceId: string | null }): EventToTell {
  return {
    ...envelopeOf(begun, `${begun.requestId}.started`, begun.startedAt),
    traceId: begun.traceId,
    type: 'request.started',
    data: dataOf(begun),
  };
}

function endedOf(record: RequestRecorded, type: 'request.completed' | 'request.corrected'): EventToTell {
  const { requestId, revision, status, errorCode, latencyMs, usage, costPicoUsd, endedAt, traceId } = record;
  const name = type === 'request.completed' ? 'completed' : `corrected.${revision}`;
  return {
    ...envelopeOf(record, `${requestId}.${name}`, endedAt),
    traceId,
    type,
    data: {
      ...dataOf(record),
      ...{ status, errorCode, latencyMs, endedAt: iso(endedAt) },
      inputTokenCount: usage.inputTokens ?? null,
      outputTokenCount: usage.outputTokens ?? null,
      costUsd: toUsdText(BigInt(costPicoUsd)),
      ...(record.routing && { routing: routingOf(record.routing) }),
    },
  };
}

/** Without those that were left: a policy may name many. The gateway writes a record's routing as a `RoutingDecision`. */
function routingOf(routing: NonNullable<RequestRecorded['routing']>) {
  const { policyId, policyVersion, strategy, rule, candidates } = routing as RoutingDecision;
  return {
    ...{ policyId, policyVersion, strategy, rule },
    candidates: candidates.flatMap(({ provider, model, account, status, reason, errorCode }) =>
      status === 'left'
        ? []
        : { ...{ provider, model, account, status, reason }, ...(errorCode !== undefined && { errorCode }) },
    ),
  };
}

function taskOf(record: TaskRecorded): EventToTell {
  const { taskId, revision, status, taskType, priority, batchId, maxAttempts, traceId, metadata, failure } = record;
  const { createdAt, updatedAt, runAfter, deadlineAt, endedAt, costPicoUsd, executions } = record;
  return {
    ...envelopeOf(record, `${taskId}.${revision}`, updatedAt),
    traceId: traceId === '' ? null : traceId,
    type: revision === 1 ? 'task.created' : 'task.updated',
    data: {
      ...{ taskId, revision, status, taskType, priority, batchId, maxAttempts, metadata },
      attempts: executions.filter(({ isCounted }) => isCounted).length,
      createdAt: iso(createdAt),
      executeAt: iso(runAfter),
      deadlineAt: iso(deadlineAt),
      endedAt: endedAt === null ? null : iso(endedAt),
      errorCode: failure?.code ?? null,
      costUsd: costPicoUsd === null ? null : toUsdText(BigInt(costPicoUsd)),
    },
  };
}

function alertOf(reached: BudgetThresholdReached): EventToTell {
  const { eventId: id, budgetId, budgetName, threshold, periodStart, capPicoUsd, spentPicoUsd, reachedAt } = reached;
  return {
    ...{ id, time: iso(reachedAt), environmentId: null, apiKeyId: null, traceId: null, type: 'alert.fired' },
    data: {
      ...{ kind: 'budget_threshold', budgetId, budgetName, threshold },
      periodStart: periodStart === 0 ? null : iso(periodStart),
      capUsd: toUsdText(BigInt(capPicoUsd)),
      spentUsd: toUsdText(BigInt(spentPicoUsd)),
    },
  };
}

function envelopeOf(of: { readonly environmentId: string; readonly apiKeyId: string | null }, id: string, at: number) {
  return { id, time: iso(at), environmentId: of.environmentId, apiKeyId: of.apiKeyId };
}

function dataOf({ requestId, taskId, provider, model, taskType, startedAt, metadata }: Begun) {
  return { requestId, taskId: taskId ?? null, provider, model, taskType, startedAt: iso(startedAt), metadata };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
