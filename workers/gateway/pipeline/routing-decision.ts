import type { RoutingDecision } from '../../../shared/contracts/http/routing-decision.ts';
import type { Route } from '../../../shared/domain/routing/route-request.ts';
import type { ErrorCode } from '../../../shared/errors/domain-error.ts';
import type { RequestPlan } from './plan-request.ts';

/** What became of a route's candidates: which failed, with what, and if the one behind them served. */
export interface RouteProgress {
  readonly failures: readonly ErrorCode[];
  readonly isServed: boolean;
  /** As in `RequestPlan`. */
  readonly beside?: RequestPlan['beside'];
  readonly continued?: RequestPlan['continued'];
}

/** How a request came to its provider, for people and for its record; null where there was nothing to choose. */
export function decisionOf(
  { route, failures, beside, continued }: RequestPlan,
  lastError: ErrorCode | null,
): RoutingDecision | null {
  if (!route) return null;
  return toDecision(route, {
    failures: lastError ? [...failures, lastError] : failures,
    isServed: lastError === null,
    ...(beside && { beside }),
    ...(continued && { continued }),
  });
}

/** The same for a route that nothing was called for: its first candidate is the one that would have been. */
export function toDecision(route: Route, progress: RouteProgress): RoutingDecision {
  const { policy, strategy, rule, taken, left, hedgeAfterMs } = route;
  return {
    policyId: policy?.id ?? null,
    policyVersion: policy?.version ?? null,
    strategy,
    rule,
    ...(hedgeAfterMs !== null && { hedgeAfterMs }),
    candidates: [
      ...taken.map(({ candidate: { offer, account, endpoint }, reason, detail }, position) => ({
        ...{ provider: offer.provider, model: offer.model, account: account.label },
        ...outcomeAt(position, progress),
        reason,
        ...(detail && { detail: detail() }),
        ...{ endpointRegion: endpoint.region, guarantee: endpoint.guarantee },
      })),
      ...left,
    ],
  };
}

function outcomeAt(position: number, { failures, isServed, beside, continued }: RouteProgress) {
  const errorCode = beside?.position === position ? beside.code : failures[position];
  if (errorCode === 'canceled') return { status: 'canceled' as const };
  if (errorCode) {
    const writer = continued?.writers.find((each) => each.position === position);
    return { status: 'failed' as const, errorCode, ...(writer && { writtenCharacters: writer.characters }) };
  }
  return { status: isServed && position === failures.length ? ('served' as const) : ('standby' as const) };
}
