import { isModelAllowed } from '../../../shared/auth/key-rights.ts';
import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import { compileCondition } from '../../../shared/conditions/condition.ts';
import type { OrchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import type { RoutingSimulation } from '../../../shared/contracts/http/routing-policies.ts';
import type { SnapshotRoutingPolicy } from '../../../shared/contracts/routing-policy.ts';
import { toUsdNumber } from '../../../shared/domain/pricing/cost.ts';
import type { Candidate } from '../../../shared/domain/routing/candidate.ts';
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
import { conditionFactsOf, type RoutingWorld } from './routing-facts.ts';
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
  const chosen = chosenOf(route, tokensOf(task.value), mediansOf(world.recent));
  const simulated = { requestId: null, chosen, recorded: null, routing: toDecision(route, NOTHING_CALLED) };
  return ok(summed(policy, [simulated]));
}

/**
 * Where recorded requests would have gone by a policy, and what each would have cost with the tokens that it used. What
 * chance would decide is spread evenly over them.
 */
export function simulateRecorded(world: SimulatedWorld): RoutingSimulation {
  const { tenant, policy, recent, routing } = world;
  const { snapshot } = tenant;
  const compiled = compilePolicy(policy, snapshot, compileCondition);
  const medians = mediansOf(recent);
  const requests = recent.map((record, index): Simulated => {
    const tokens = { input: record.inputTokens ?? 0, output: record.outputTokens ?? 0 };
    const { taskType, metadata, environmentId } = record;
    const subject = { taskType, stream: false, metadata, environmentId, needs: NO_NEEDS, tokens };
    const route = routeRequest({
      preferred: [],
      policy: compiled,
      facts: {
        ...NO_NEEDS,
        ...{ isStream: false, tokens, random: (index + 0.5) / recent.length },
        performanceOf: (candidate) => routing.performanceOf(snapshot.tenantId, candidate),
        mayCall: () => true,
        isAllowed: (model) => !tenant.keyUse || isModelAllowed(tenant.keyUse.apiKey, model),
        capabilitiesOf: ({ provider, model }) => {
          const { task, ...known } = capabilitiesOf(provider, model);
          return { ...known, servesTask: task === taskType, streamsTask: true };
        },
      },
      conditionFacts: conditionFactsOf(subject, snapshot, routing.now()),
    });
    const { provider, model, costUsd, latencyMs } = record;
    return {
      requestId: record.id,
      chosen: chosenOf(route, tokens, medians),
      recorded: { provider, model, costUsd, latencyMs },
      routing: toDecision(route, NOTHING_CALLED),
    };
  });
  return summed(policy, requests);
}

const NOTHING_CALLED = { failures: [], isServed: false } as const;

function chosenOf(route: Route, tokens: RankingFacts['tokens'], medians: Medians): Simulated['chosen'] {
  const candidate = route.taken[0]?.candidate;
  if (!candidate) return null;
  const { provider, model } = candidate.offer;
  const cost = expectedCost(candidate.offer, tokens);
  return { provider, model, costUsd: cost === null ? null : toUsdNumber(cost), latencyMs: medians.get(nameOf(candidate.offer)) ?? null };
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

function nameOf({ provider, model }: Pick<Candidate['offer'], 'model'> & { readonly provider: string }): string {
  return `${provider}/${model}`;
}

function summed({ version }: SnapshotRoutingPolicy, requests: Simulated[]): RoutingSimulation {
  const sum = (costs: readonly (number | null | undefined)[]) => costs.reduce<number>((total, cost) => total + (cost ?? 0), 0);
  return {
    version,
    requests,
    total: {
      simulatedCostUsd: sum(requests.map(({ chosen }) => chosen?.costUsd)),
      recordedCostUsd: sum(requests.map(({ recorded }) => recorded?.costUsd)),
      refused: requests.filter(({ chosen }) => chosen === null).length,
    },
  };
}
