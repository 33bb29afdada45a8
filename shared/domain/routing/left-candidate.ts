import type { RoutingReason } from '../../contracts/http/routing-decision.ts';
import type { ProviderName } from '../../contracts/names.ts';
import type { PolicyCandidate } from '../../contracts/routing-policy.ts';
import type { Candidate, Unresolved } from './candidate.ts';
import type { ProviderEndpoint } from './endpoint-of.ts';
import { endpointText } from './residency.ts';

/** A candidate that is not to be called. */
export interface LeftCandidate {
  readonly provider: ProviderName;
  readonly model: string;
  readonly account: string | null;
  readonly reason: RoutingReason;
  readonly detail?: string;
  /** Absent where there is no account to call. */
  readonly endpoint?: Pick<ProviderEndpoint, 'region' | 'guarantee'>;
}

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
    ...{ provider: offer.provider, model: offer.model, account: account.label, reason, endpoint },
    ...(reason === 'outside_residency' && { detail: endpointText(endpoint) }),
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
  return { provider, model, account, reason };
}
