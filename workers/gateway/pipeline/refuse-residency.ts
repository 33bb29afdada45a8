import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import type { Candidate } from '../../../shared/domain/routing/candidate.ts';
import { describePlace } from '../../../shared/domain/routing/endpoint-of.ts';
import { endpointText, isAllowedBy, policiesText } from '../../../shared/domain/routing/residency.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { UNAVAILABLE_RETRY_MS } from '../constants.ts';

type Resident = Pick<TenantSnapshot, 'residencyPolicies'>;

/** The first of some candidates that the tenant's residency policies allow, where no route is to be decided. */
export function allowedCandidate(
  { residencyPolicies }: Resident,
  candidates: readonly Candidate[],
): Result<{ readonly candidates: readonly Candidate[]; readonly route: null }, DomainError> {
  const allowed = candidates.find(({ endpoint }) => isAllowedBy(residencyPolicies, endpoint));
  if (allowed) return ok({ candidates: [allowed], route: null });
  const told = candidates.map(
    ({ offer, account, endpoint }) =>
      `${offer.provider}/${offer.model} by account ${account.label}: outside_residency (${endpointText(endpoint)})`,
  );
  return err(outsideResidency({ residencyPolicies }, told.join('; ')));
}

/** That none of the candidates is where the tenant's policies want it; `told` says why of each. */
export function outsideResidency({ residencyPolicies }: Resident, told: string): DomainError {
  const policies = policiesText(residencyPolicies ?? []);
  return { code: 'residency_refused', detail: `Nothing was sent: residency policy ${policies} allows none. ${told}` };
}

/** That the tenant's policies are not known here, as behind a new release: nothing is sent until they are. */
export function residencyUnknown(): DomainError {
  const detail = 'The tenant’s data residency policies cannot be read right now. Nothing was sent.';
  return { code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS };
}

/** That no account of the tenant is where its policies want it, whatever a request asks for. */
export function noAccountConforms({ residencyPolicies, providerAccounts }: TenantSnapshot): DomainError {
  if (!residencyPolicies) return residencyUnknown();
  const told = providerAccounts.map((account) => {
    const { region, guarantee } = describePlace(account);
    return `Account ${account.label} of ${account.provider}: outside_residency (${endpointText({ region, guarantee })})`;
  });
  return outsideResidency({ residencyPolicies }, told.length > 0 ? told.join('; ') : 'The tenant has no account.');
}
