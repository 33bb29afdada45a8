import type { RoutingDecision, RoutingReason } from '../../contracts/http/routing-decision.ts';
import type { PolicyCandidate } from '../../contracts/routing-policy.ts';
import type { Candidate, Unresolved } from './candidate.ts';
import { endpointText } from './residency.ts';

/** A candidate that is not to be called, as a decision tells of it. */
export type LeftCandidate = Readonly<RoutingDecision['candidates'][number]> & { readonly status: 'left' };

const known = new WeakMap<Candidate, Partial<Record<RoutingReason, LeftCandidate>>>();

/** That a candidate is left for a reason: made once for both, since most of a policy's candidates are left each time. */
export function leftFor(candidate: Candidate, reason: RoutingReason): LeftCandidate {
  let byReason = known.get(candidate);
  if (!byReason) {
    byReason = {};
    known.set(candidate, byReason);
  }
  byReason[reason] ??= toLeft(candidate, reason);
  return byReason[reason];
}

function toLeft({ account, offer, endpoint }: Candidate, reason: RoutingReason): LeftCandidate {
  return {
    ...{ provider: offer.provider, model: offer.model, account: account.label, status: 'left', reason },
    ...(reason === 'outside_residency' && { detail: endpointText(endpoint) }),
    ...{ endpointRegion: endpoint.region, guarantee: endpoint.guarantee },
  };
}

/** That something was named which is not there. */
export function missingFor(
  {
    provider,
    model,
    account = null,
  }: Pick<PolicyCandidate, 'provider' | 'model'> & { readonly account?: string | null },
  reason: Unresolved,
): LeftCandidate {
  return { provider, model, account, status: 'left', reason };
}
