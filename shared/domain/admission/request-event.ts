import type { RequestRecorded } from '../../contracts/queues.ts';
import type { HoldCommand } from '../../contracts/rpc.ts';

/** How a request ended, as its record tells it. */
export type RequestOutcome = Pick<
  RequestRecorded,
  | 'revision'
  | 'status'
  | 'errorCode'
  | 'usage'
  | 'costPicoUsd'
  | 'latencyMs'
  | 'endedAt'
  | 'attempts'
  | 'routing'
  | 'cache'
>;

/** The record of a request: what was held for it, and how it ended. */
export function toRequestRecorded(command: HoldCommand, outcome: RequestOutcome): RequestRecorded {
  const { requestId, environmentId, apiKeyId, provider, model, taskType, startedAt, metadata } = command;
  const { priceVersion, ownPrices, location, taskId } = command;
  return {
    type: 'request.recorded',
    requestId,
    environmentId,
    apiKeyId,
    provider,
    model,
    taskType,
    priceVersion,
    ...(ownPrices && { ownPrices }),
    ...(location && { location }),
    startedAt,
    traceId: command.traceparent.split('-')[1] ?? null,
    ...(taskId !== undefined && { taskId }),
    metadata,
    ...outcome,
  };
}

/** The text of a record that comes behind one at the estimate, and behind what TenantGate may have made of that. */
export function asLateRecord(text: string): string {
  const event: RequestRecorded = JSON.parse(text); // written by the platform itself
  return JSON.stringify({ ...event, revision: 3 } satisfies RequestRecorded);
}

/** The record of a request that nobody settled or renewed in time: it is billed at its hold until someone corrects it. */
export function toLostRecord(command: HoldCommand, now: number): RequestRecorded {
  return toRequestRecorded(command, {
    revision: 1,
    status: 'estimated',
    errorCode: 'settlement_lost',
    usage: command.bound,
    costPicoUsd: command.amountPicoUsd,
    latencyMs: null,
    endedAt: now,
  });
}
