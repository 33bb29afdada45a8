import type { LimitKind, LimitScope, LimitUnit } from '../../contracts/limits.ts';
import type { SnapshotBudget, SnapshotRateLimit, TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import { isLive, slotOf, type Window } from './window.ts';

/** One thing that is counted and may be capped. A rule of the configuration makes one limit per unit that it caps. */
export interface Limit {
  /** `<rule>:<unit>`, unique in its tenant. */
  readonly id: string;
  /** `tenant` is `ALL_MONEY`, which nobody is shown. */
  readonly kind: LimitKind | 'tenant';
  readonly ruleId: string;
  readonly name: string;
  readonly unit: LimitUnit;
  /** Null: counted without a cap. */
  readonly cap: bigint | null;
  /** False: only counted and told of; never a reason to refuse. */
  readonly isEnforced: boolean;
  readonly window: Window;
  readonly scope: LimitScope;
  /** Keys that the scope's key replaces and that still work. */
  readonly replacedKeys?: ReadonlySet<string> | undefined;
  /** Percent of the cap that are told of when they are reached. */
  readonly thresholds: readonly number[];
  /** How long a request may wait for room. */
  readonly queueMs: number;
}

/** What a request is, as far as limits ask. */
export interface Subject {
  readonly environmentId: string;
  readonly apiKeyId: string | null;
  readonly provider: string;
  readonly model: string;
  /** What may be called in its place. */
  readonly alternatives?: readonly { readonly provider: string; readonly model: string }[];
}

/** The most that a request can use. */
export interface MostUsed {
  readonly picoUsd: bigint;
  readonly tokens: bigint;
}

/**
 * Counts all money of a tenant, so that every lease has money even where no budget is set: what an isolate that died has
 * not told of is estimated by it.
 */
export const ALL_MONEY: Limit = {
  id: 'tenant:picoUsd',
  kind: 'tenant',
  ruleId: 'tenant',
  name: 'tenant',
  unit: 'picoUsd',
  cap: null,
  isEnforced: true,
  window: { kind: 'calendar', period: 'total', timeZone: 'UTC' },
  scope: {},
  thresholds: [],
  queueMs: 0,
};

/** The limits of a tenant by their ids. Of several that have no room for equally long, a refusal names the first. */
export type Limits = ReadonlyMap<string, Limit>;

/** All limits of a tenant: rates, quota, budgets, all money. */
export function limitsOf(snapshot: TenantSnapshot): Limits {
  const known = compiled.get(snapshot);
  if (known) return known;
  const all = [
    ...snapshot.rateLimits.flatMap(rateLimits),
    ...quotaLimits(snapshot),
    ...snapshot.budgets.map((budget) => budgetLimit(budget, snapshot.timeZone)),
    ALL_MONEY,
  ];
  const replaced = replacedKeysOf(snapshot);
  const limits = new Map(all.map((limit) => [limit.id, withReplacedKeys(limit, replaced)]));
  compiled.set(snapshot, limits);
  return limits;
}

const compiled = new WeakMap<TenantSnapshot, Limits>();

/** Those that a request falls under, or may fall under by an alternative. */
export function limitsFor(limits: Limits, subject: Subject): Limit[] {
  return [...limits.values()].filter((limit) => isUnder(limit, subject));
}

/**
 * If what was counted in the slot that began at `start` takes room, or may again. The plan's quota is not the
 * tenant's own: a clock that is moved into the next month and back must find both months as they were.
 */
export function mayCount({ kind, window }: Limit, start: number, now: number): boolean {
  if (isLive(window, start, now)) return true;
  const slot = slotOf(window, now);
  return kind === 'quota' && Math.abs(start - slot.start) < 1.5 * (slot.end - slot.start);
}

/** What a request draws from a limit before it may start. */
export function mostOf(unit: LimitUnit, most: MostUsed): bigint {
  switch (unit) {
    case 'picoUsd':
      return most.picoUsd;
    case 'tokens':
      return most.tokens;
    case 'requests':
    case 'concurrent':
      return 1n;
  }
}

/** A limit's id ends with its unit. */
export function unitOf(limitId: string): LimitUnit {
  return limitId.slice(limitId.lastIndexOf(':') + 1) as LimitUnit; // as the functions below write it
}

function rateLimits(rule: SnapshotRateLimit): Limit[] {
  const { id: ruleId, name, windowSeconds, strategy, environmentId, apiKeyId } = rule;
  const scope = { ...(environmentId && { environmentId }), ...(apiKeyId && { apiKeyId }) };
  const window: Window = { kind: strategy, ms: windowSeconds * 1000 };
  const limit = (unit: LimitUnit, cap: number | null): Limit[] => {
    if (cap === null) return [];
    const isConcurrent = unit === 'concurrent';
    return [
      {
        ...{
          id: `${ruleId}:${unit}`,
          kind: 'rate_limit',
          ruleId,
          name,
          unit,
          cap: BigInt(cap),
          isEnforced: true,
          scope,
        },
        ...{
          window: isConcurrent ? { kind: 'open' } : window,
          thresholds: [],
          queueMs: isConcurrent ? rule.queueMs : 0,
        },
      },
    ];
  };
  return [
    ...limit('concurrent', rule.maxConcurrent),
    ...limit('requests', rule.maxRequests),
    ...limit('tokens', rule.maxTokens),
  ];
}

function quotaLimits({ quota, plan, timeZone }: TenantSnapshot): Limit[] {
  if (quota === null || quota.maxRequests === null) return [];
  return [
    {
      ...{ id: 'plan:requests', kind: 'quota', ruleId: 'plan', name: `plan ${plan}`, unit: 'requests' },
      ...{ cap: BigInt(quota.maxRequests), isEnforced: true, scope: {}, thresholds: [], queueMs: 0 },
      window: { kind: 'calendar', period: 'month', timeZone },
    },
  ];
}

function budgetLimit(budget: SnapshotBudget, timeZone: string): Limit {
  const { id: ruleId, name, amountPicoUsd, period, hardStop, scope, thresholds } = budget;
  return {
    ...{ id: `${ruleId}:picoUsd`, kind: 'budget', ruleId, name, unit: 'picoUsd', cap: BigInt(amountPicoUsd) },
    ...{ isEnforced: hardStop, scope, thresholds, queueMs: 0, window: { kind: 'calendar', period, timeZone } },
  };
}

type ReplacedKeys = ReadonlyMap<string, ReadonlySet<string>>;

/** The keys that each key replaces, of those that were. */
function replacedKeysOf({ apiKeys }: TenantSnapshot): ReplacedKeys {
  const replaced = apiKeys.filter(({ limitedAs }) => limitedAs !== undefined);
  const groups = Map.groupBy(replaced, ({ limitedAs = '' }) => limitedAs);
  return new Map([...groups].map(([successor, keys]) => [successor, new Set(keys.map(({ id }) => id))]));
}

function withReplacedKeys(limit: Limit, replaced: ReplacedKeys): Limit {
  const replacedKeys = replaced.get(limit.scope.apiKeyId ?? '');
  return replacedKeys ? { ...limit, replacedKeys } : limit;
}

function isUnder({ scope, replacedKeys }: Limit, subject: Subject): boolean {
  return (
    (scope.environmentId === undefined || scope.environmentId === subject.environmentId) &&
    (scope.apiKeyId === undefined ||
      scope.apiKeyId === subject.apiKeyId ||
      (subject.apiKeyId !== null && replacedKeys?.has(subject.apiKeyId) === true)) &&
    (isOf(scope, subject) || subject.alternatives?.some((alternative) => isOf(scope, alternative)) === true)
  );
}

function isOf(scope: LimitScope, { provider, model }: { readonly provider: string; readonly model: string }): boolean {
  return (
    (scope.provider === undefined || scope.provider === provider) &&
    (scope.model === undefined || scope.model === model)
  );
}
