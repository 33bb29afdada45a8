import type { RoutingReason } from '../../contracts/http/routing-decision.ts';
import type { ProviderName } from '../../contracts/names.ts';
import type { PolicyCandidate } from '../../contracts/routing-policy.ts';
import type { ModelOffer, SnapshotProviderAccount, TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import { err, ok, type Result } from '../../errors/result.ts';
import { endpointOf, offerAt, type ProviderEndpoint } from './endpoint-of.ts';
import { oncePerSnapshot } from './once-per-snapshot.ts';
import { isAllowedBy } from './residency.ts';

export interface ModelName {
  readonly provider: ProviderName;
  readonly model: string;
}

export interface ModelPreference extends ModelName {
  readonly weight: number;
}

export type CandidateTimeouts = NonNullable<PolicyCandidate['timeouts']>;

/** A model that can be called, and the account that it is called by. */
export interface Candidate {
  /** Tells a tenant's candidates apart. */
  readonly name: string;
  readonly account: SnapshotProviderAccount;
  /** With the prices of the endpoint. */
  readonly offer: ModelOffer;
  readonly endpoint: ProviderEndpoint;
  readonly timeouts?: CandidateTimeouts | undefined;
}

/** Why something that was named cannot be called by any account of the tenant. */
export type Unresolved = Extract<RoutingReason, 'no_account' | 'unknown_model' | 'region_mismatch'>;

/**
 * Finds the account and the model that are named: by label where one is given, else the first account of the provider, of
 * the region where one is asked for. Of accounts that are as good, the first whose endpoint the tenant's residency policies
 * allow is taken; where there is none, the first, for the filters to refuse.
 */
export function resolveCandidate(
  { providerAccounts, models, residencyPolicies }: TenantSnapshot,
  wanted: ModelName & Pick<PolicyCandidate, 'account' | 'region' | 'timeouts'>,
): Result<Candidate, Unresolved> {
  const { provider, model, timeouts } = wanted;
  const named = providerAccounts.filter(
    (account) => account.provider === provider && (wanted.account === undefined || account.label === wanted.account),
  );
  const placed = named
    .map((account) => ({ account, endpoint: endpointOf(account, model) }))
    .filter(({ endpoint }) => wanted.region === undefined || endpoint.region === wanted.region);
  const chosen = placed.find(({ endpoint }) => isAllowedBy(residencyPolicies, endpoint)) ?? placed[0];
  if (!chosen) return err(named.length > 0 ? 'region_mismatch' : 'no_account');
  const name = `${chosen.account.id} ${model}`;
  const offer = models.find((offered) => offered.provider === provider && offered.model === model);
  if (offer) return ok({ name, ...chosen, offer: offerAt(chosen.account, offer), timeouts });
  // Which models a compatible server has is known to nobody but it: any name may be right, and has no price.
  if (provider !== 'openai-compatible') return err('unknown_model');
  return ok({ name, ...chosen, offer: unpriced(wanted), timeouts });
}

const named = oncePerSnapshot((snapshot, name) => {
  const slash = name.indexOf('/');
  const provider = name.slice(0, slash) as ProviderName; // as `candidateNamed` put it there
  return resolveCandidate(snapshot, { provider, model: name.slice(slash + 1) });
});

/** The candidate that a model's name alone stands for. */
export function candidateNamed(
  snapshot: TenantSnapshot,
  { provider, model }: ModelName,
): Result<Candidate, Unresolved> {
  return named(snapshot, `${provider}/${model}`);
}

function unpriced({ provider, model }: ModelName): ModelOffer {
  return { provider, model, contextTokens: null, components: [] };
}
