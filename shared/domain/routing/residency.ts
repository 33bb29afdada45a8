import {
  type CalledEndpoint,
  GUARANTEES,
  type ResidencyVerdict,
  type SnapshotResidencyPolicy,
} from '../../contracts/residency.ts';
import type { TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import { endpointOf, type ProviderEndpoint } from './endpoint-of.ts';

type Located = Pick<ProviderEndpoint, 'region' | 'guarantee'>;

/**
 * If a configuration tells where content may go, be it anywhere. One of an earlier release does not, whether it was read as
 * null or came over a binding, unread, without the field: nothing may be called by it.
 */
export function knowsResidency({ residencyPolicies }: { readonly residencyPolicies?: unknown }): boolean {
  return Array.isArray(residencyPolicies);
}

/** If an endpoint is where a policy wants it, guaranteed as strongly as it wants it. */
export function conforms(
  { region, guarantee }: Located,
  policy: Pick<SnapshotResidencyPolicy, 'region' | 'minimumGuarantee'>,
): boolean {
  return region === policy.region && GUARANTEES.indexOf(guarantee) >= GUARANTEES.indexOf(policy.minimumGuarantee);
}

/**
 * If content may go to an endpoint: anywhere without an enforced policy, else where one of the enforced ones lets it. Null
 * policies are not known, and let it go nowhere.
 */
export function isAllowedBy(policies: readonly SnapshotResidencyPolicy[] | null, endpoint: Located): boolean {
  if (!policies) return false;
  let isFree = true;
  for (const policy of policies) {
    if (!policy.enforced) continue;
    if (conforms(endpoint, policy)) return true;
    isFree = false;
  }
  return isFree;
}

/** What an endpoint is to all policies, those that are only reported included. */
export function verdictOf(policies: readonly SnapshotResidencyPolicy[], endpoint: Located): ResidencyVerdict {
  if (policies.length === 0) return 'unrestricted';
  return policies.some((policy) => conforms(endpoint, policy)) ? 'inside' : 'outside';
}

/** A call's endpoint, for its record. */
export function calledAt(policies: readonly SnapshotResidencyPolicy[], endpoint: Located): CalledEndpoint {
  const { region, guarantee } = endpoint;
  return { endpointRegion: region, guarantee, residency: verdictOf(policies, endpoint) };
}

const conforming = new WeakMap<TenantSnapshot, boolean>();

/** If any account of the tenant could serve a request with any model that the tenant has. */
export function canConform(snapshot: TenantSnapshot): boolean {
  const known = conforming.get(snapshot) ?? findConforming(snapshot);
  conforming.set(snapshot, known);
  return known;
}

function findConforming({ residencyPolicies, providerAccounts, models }: TenantSnapshot): boolean {
  if (!residencyPolicies) return false;
  if (!residencyPolicies.some(({ enforced }) => enforced)) return true;
  return providerAccounts.some((account) => {
    const own = models.filter(({ provider }) => provider === account.provider).map(({ model }) => model);
    const names = account.provider === 'openai-compatible' ? [...own, ''] : own;
    return names.some((model) => isAllowedBy(residencyPolicies, endpointOf(account, model)));
  });
}

/** Enforced policies in words, for errors. */
export function policiesText(policies: readonly SnapshotResidencyPolicy[]): string {
  return policies
    .filter(({ enforced }) => enforced)
    .map(({ id, region, minimumGuarantee }) => `${id} (region ${region}, at least ${minimumGuarantee})`)
    .join(' and ');
}

/** An endpoint in words, for errors. */
export function endpointText({ region, guarantee }: Located): string {
  return `${region === null ? 'of no region' : `in ${region}`}, ${guarantee === 'none' ? 'without guarantee' : guarantee}`;
}
