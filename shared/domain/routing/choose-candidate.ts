import type { ProviderName } from '../../contracts/names.ts';
import type { ModelOffer, SnapshotProviderAccount, TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import { err, ok, type Result } from '../../errors/result.ts';

export interface ModelName {
  readonly provider: ProviderName;
  readonly model: string;
}

export interface ModelPreference extends ModelName {
  readonly weight: number;
}

export interface Candidate {
  readonly account: SnapshotProviderAccount;
  readonly offer: ModelOffer;
}

export type RoutingRefusal =
  | { readonly reason: 'no_provider_account' }
  | { readonly reason: 'unknown_model'; readonly index: number; readonly preference: ModelPreference };

/**
 * Chooses where a request goes: the preference of the greatest weight (the first of equals), or without preferences the
 * default model of the first provider that the tenant has an account for, in the order of `defaults`. Every preference
 * must name a model that the tenant can call, so that a typo is told and not skipped.
 */
export function chooseCandidate(
  snapshot: TenantSnapshot,
  preferences: readonly ModelPreference[],
  defaults: readonly ModelName[],
): Result<Candidate, RoutingRefusal> {
  let chosen: { readonly candidate: Candidate; readonly weight: number } | undefined;
  for (const [index, preference] of preferences.entries()) {
    const candidate = findCandidate(snapshot, preference);
    if (!candidate) return err({ reason: 'unknown_model', index, preference });
    if (!chosen || preference.weight > chosen.weight) chosen = { candidate, weight: preference.weight };
  }
  if (chosen) return ok(chosen.candidate);
  for (const fallback of defaults) {
    const candidate = findCandidate(snapshot, fallback);
    if (candidate) return ok(candidate);
  }
  return err({ reason: 'no_provider_account' });
}

function findCandidate(snapshot: TenantSnapshot, wanted: ModelName): Candidate | undefined {
  const account = snapshot.providerAccounts.find(({ provider }) => provider === wanted.provider);
  const offer = snapshot.models.find(({ provider, model }) => provider === wanted.provider && model === wanted.model);
  if (!account) return undefined;
  if (offer) return { account, offer };
  // Which models a compatible server has is known to nobody but it: any name may be right, and has no price.
  return wanted.provider === 'openai-compatible' ? { account, offer: unpriced(wanted) } : undefined;
}

function unpriced({ provider, model }: ModelName): ModelOffer {
  return { provider, model, contextTokens: null, components: [] };
}
