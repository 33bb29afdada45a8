import { isModelAllowed } from '../../../shared/auth/key-rights.ts';
import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import { compileCondition } from '../../../shared/conditions/condition.ts';
import type { OrchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import type { RoutingSimulation } from '../../../shared/contracts/http/routing-policies.ts';
import type { SnapshotRoutingPolicy } from '../../../shared/contracts/routing-policy.ts';
import { toUsdText } from '../../../shared/contracts/usd-text.ts';
import { compilePolicy } from '../../../shared/domain/routing/compile-policy.ts';
import { expectedCost } from '../../../shared/domain/routing/expected-cost.ts';
import type { RankingFacts } from '../../../shared/domain/routing/rank-candidates.ts';
import { type Route, routeRequest } from '../../../shared/domain/routing/route-request.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { ok, type Result } from '../../../shared/errors/result.ts';
import { capabilitiesOf } from '../../../shared/providers/model-capabilities.ts';
import type { RecentRequest } from '../../../shared/services/list-recent-requests.ts';
import { decide, preferredOf } from './choose-route.ts';
import { toDecision } from './routing-decision.ts';
import { conditionFactsOf, type RoutingWorld, sessionOf } from './routing-facts.ts';
import { toTask } from './task.ts';
import { NO_NEEDS, tokensOf } from './task-facts.ts';

/** What a simulation goes by. */
export interface SimulatedWorld {
  readonly tenant: TenantContext;
  readonly policy: SnapshotRoutingPolicy;
  /** Newest first: what latencies are told by, and what is simulated where no request is given. */
  readonly recent: readonly RecentRequest[];
  readonly routing: RoutingWorld;
}

type Simulated = RoutingSimulation['requests'][number];

/** A request where it would go, and where it went. */
interface Compared {
  readonly requestId: string | null;
  readonly route: Route;
  /** Pico-USD; null where nothing could be called, or the model has no price. */
  readonly cost: bigint | null;
  readonly recorded: RecentRequest | null;
}

/** Where a request would go by a policy, and what it would cost at most of its output. */
export function simulateRequest(
  request: OrchestrateRequest,
  world: SimulatedWorld,
): Result<RoutingSimulation, DomainError> {
  const { tenant, policy, routing } = world;
  const task = toTask(request);
  if (!task.ok) return task;
  const preferred = preferredOf(request.providerPreferences, tenant);
  if (!preferred.ok) return preferred;
  const environmentId = tenant.environmentId ?? tenant.snapshot.environments[0]?.id ?? '';
  const compiled = compilePolicy(policy, tenant.snapshot, compileCondition);
  const route = decide({ request, tenant, environmentId, task: task.value }, preferred.value, compiled, routing);
  const compared = { requestId: null, route, cost: costOf(route, tokensOf(task.value)), recorded: null };
  return ok(toSimulation(world, [compared]));
}

/**
 * Where recorded requests would have gone by a policy, and what each would have cost with the tokens that it used. What
 * chance would decide is spread evenly over them.
 */
export function simulateRecorded(world: SimulatedWorld): RoutingSimulation {
  const { tenant, policy, recent, routing } = world;
  const { snapshot } = tenant;
  const compiled = compilePolicy(policy, snapshot, compileCondition);
  const health = routing.healthOf(snapshot.tenantId);
  const compared = recent.map((recorded, index): Compared => {
    const tokens = { input: recorded.inputTokens ?? 0, output: recorded.outputTokens ?? 0 };
    const { taskType, metadata, environmentId } = recorded;
    const subject = { taskType, stream: false, metadata, environmentId, needs: NO_NEEDS, tokens };
    const route = routeRequest({
      preferred: [],
      policy: compiled,
      facts: {
        ...NO_NEEDS,
        residencyPolicies: snapshot.residencyPolicies,
        ...{ isStream: false, tokens, random: (index + 0.5) / recent.length },
        performanceOf: health.performanceOf,
        mayCall: () => true,
        cachedSharesFor: () => health.cachedSharesFor(null),
        sessionOf: (stickyBy) => sessionOf(stickyBy, { prompt: () => null, apiKeyId: null, metadata }),
        isAllowed: (model) => !tenant.keyUse || isModelAllowed(tenant.keyUse.apiKey, model),
        capabilitiesOf: ({ provider, model }) => {
          const { task, ...known } = capabilitiesOf(provider, model);
          return { ...known, servesTask: task === taskType, streamsTask: true };
        },
      },
      conditionFacts: conditionFactsOf(subject, snapshot, routing.now()),
    });
    return { requestId: recorded.id, route, cost: costOf(route, tokens), recorded };
  });
  return toSimulation(world, compared);
}

const NOTHING_CALLED = { failures: [], isServed: false } as const;

function costOf({ taken: [first] }: Route, tokens: RankingFacts['tokens']): bigint | null {
  const cost = first ? expectedCost(first.candidate.offer, tokens) : null;
  return cost === null ? null : BigInt(cost);
}

function toSimulation({ policy, recent }: SimulatedWorld, compared: readonly Compared[]): RoutingSimulation {
  const medians = mediansOf(recent);
  const sum = (costs: readonly (bigint | null)[]) => costs.reduce<bigint>((total, cost) => total + (cost ?? 0n), 0n);
  return {
    version: policy.version,
    requests: compared.map((each) => toSimulated(each, medians)),
    total: {
      simulatedCostUsd: toUsdText(sum(compared.map(({ cost }) => cost))),
      recordedCostUsd: toUsdText(sum(compared.map(({ recorded }) => recorded && BigInt(recorded.costPicoUsd)))),
      refused: compared.filter(({ route }) => route.taken.length === 0).length,
    },
  };
}

function toSimulated({ requestId, route, cost, recorded }: Compared, medians: Medians): Simulated {
  const offer = route.taken[0]?.candidate.offer;
  return {
    requestId,
    chosen: offer
      ? {
          ...{ provider: offer.provider, model: offer.model, costUsd: cost === null ? null : toUsdText(cost) },
          latencyMs: medians.get(nameOf(offer)) ?? null,
        }
      : null,
    recorded: recorded && {
      ...{ provider: recorded.provider, model: recorded.model, latencyMs: recorded.latencyMs },
      costUsd: toUsdText(BigInt(recorded.costPicoUsd)),
    },
    routing: toDecision(route, NOTHING_CALLED),
  };
}

type Medians = ReadonlyMap<string, number>;

/** The median latency of each model's requests. */
function mediansOf(recent: readonly RecentRequest[]): Medians {
  const byModel = Map.groupBy(recent, nameOf);
  return new Map(
    [...byModel].flatMap(([name, records]) => {
      const latencies = records.flatMap(({ latencyMs }) => latencyMs ?? []).sort((one, other) => one - other);
      const median = latencies[Math.floor((latencies.length - 1) / 2)];
      return median === undefined ? [] : [[name, median] as const];
    }),
  );
}

function nameOf({ provider, model }: Pick<RecentRequest, 'provider' | 'model'>): string {
  return `${provider}/${model}`;
}
