import type { RequestRecorded } from '../../contracts/queues.ts';
import type { HoldCommand, HoldRefusal, SettleCommand } from '../../contracts/rpc.ts';
import type { SnapshotBudget, TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import { err, ok, type Result } from '../../errors/result.ts';
import { budgetPeriodStart } from './budget-period.ts';

/** One budget in one of its periods: what a counter counts. */
export interface CounterKey {
  readonly budgetId: string;
  readonly periodStart: number;
}

export interface Counter {
  readonly spent: bigint;
  readonly held: bigint;
}

/** How a decision changes one counter, in pico-USD. */
export interface CounterChange extends CounterKey {
  readonly spent: bigint;
  readonly held: bigint;
}

/**
 * Money set aside for one request. `open` until it is settled; `estimated` once it expired and was counted as spent,
 * kept for a while so that a late settlement can correct it.
 */
export interface Hold {
  readonly command: HoldCommand;
  readonly state: 'open' | 'estimated';
  readonly deadline: number;
  readonly counters: readonly CounterKey[];
}

/** What a settlement or an expiry does: counters to change, the event to record. */
export interface Outcome {
  readonly changes: readonly CounterChange[];
  readonly event: RequestRecorded;
}

/**
 * Decides if a request may start. Grants only when, for every hard-stop budget that the request falls under,
 * spent + held + this hold stays within the cap. `readCounter` answers zeros for a counter never written.
 */
export function decideHold(
  snapshot: TenantSnapshot,
  readCounter: (key: CounterKey) => Counter,
  command: HoldCommand,
  deadline: number,
): Result<{ readonly hold: Hold; readonly changes: readonly CounterChange[] }, HoldRefusal> {
  if (snapshot.status === 'suspended') return err({ reason: 'tenant_suspended' });
  if (command.apiKeyId !== null && !snapshot.apiKeys.some((key) => key.id === command.apiKeyId)) {
    return err({ reason: 'key_revoked' });
  }
  const amount = BigInt(command.amountPicoUsd);
  const counters: CounterKey[] = [];
  for (const budget of snapshot.budgets) {
    if (!isUnder(budget, command)) continue;
    const key = { budgetId: budget.id, periodStart: budgetPeriodStart(budget.period, command.startedAt) };
    if (budget.hardStop && !command.isPriced) return err({ reason: 'unpriced_under_budget', budgetName: budget.name });
    const { spent, held } = readCounter(key);
    if (budget.hardStop && spent + held + amount > BigInt(budget.amountPicoUsd)) {
      return err({
        reason: 'budget_exhausted',
        budgetId: budget.id,
        budgetName: budget.name,
        capPicoUsd: budget.amountPicoUsd,
        spentPicoUsd: spent.toString(),
        heldPicoUsd: held.toString(),
      });
    }
    counters.push(key);
  }
  const hold: Hold = { command, state: 'open', deadline, counters };
  return ok({ hold, changes: counters.map((key) => ({ ...key, spent: 0n, held: amount })) });
}

/** Turns a hold into usage. A hold that had expired is corrected: its estimate comes off what was counted as spent. */
export function decideSettle(hold: Hold, settlement: SettleCommand): Outcome {
  const amount = BigInt(hold.command.amountPicoUsd);
  const cost = settlement.costPicoUsd === null ? amount : BigInt(settlement.costPicoUsd);
  const isLate = hold.state === 'estimated';
  const change = isLate ? { spent: cost - amount, held: 0n } : { spent: cost, held: -amount };
  const isUnknown = settlement.costPicoUsd === null;
  return {
    changes: hold.counters.map((key) => ({ ...key, ...change })),
    event: toEvent(hold.command, {
      revision: isLate ? 2 : 1,
      status: isUnknown ? 'estimated' : settlement.status,
      errorCode: settlement.errorCode,
      usage: isUnknown ? hold.command.bound : settlement.usage,
      costPicoUsd: cost.toString(),
      latencyMs: settlement.latencyMs,
      endedAt: settlement.endedAt,
    }),
  };
}

/** Ends a hold that nobody settled or renewed in time: it counts as spent in full, marked `estimated`. */
export function decideExpiry(hold: Hold, now: number): Outcome {
  const amount = BigInt(hold.command.amountPicoUsd);
  return {
    changes: hold.counters.map((key) => ({ ...key, spent: amount, held: -amount })),
    event: toEvent(hold.command, {
      revision: 1,
      status: 'estimated',
      errorCode: 'settlement_lost',
      usage: hold.command.bound,
      costPicoUsd: hold.command.amountPicoUsd,
      latencyMs: null,
      endedAt: now,
    }),
  };
}

type EventOutcome = Pick<
  RequestRecorded,
  'revision' | 'status' | 'errorCode' | 'usage' | 'costPicoUsd' | 'latencyMs' | 'endedAt'
>;

function toEvent(command: HoldCommand, outcome: EventOutcome): RequestRecorded {
  const { requestId, environmentId, apiKeyId, provider, model, taskType, startedAt, metadata } = command;
  const { priceVersion, ownPrices } = command;
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
    startedAt,
    traceId: command.traceparent.split('-')[1] ?? null,
    metadata,
    ...outcome,
  };
}

function isUnder({ scope }: SnapshotBudget, command: HoldCommand): boolean {
  return (
    (scope.environmentId === undefined || scope.environmentId === command.environmentId) &&
    (scope.apiKeyId === undefined || scope.apiKeyId === command.apiKeyId) &&
    (scope.provider === undefined || scope.provider === command.provider) &&
    (scope.model === undefined || scope.model === command.model)
  );
}
