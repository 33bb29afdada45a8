import type { ProviderAccount, ProviderAccountRotation } from '../../../shared/contracts/http/providers.ts';
import { refusePlace } from '../../../shared/domain/routing/endpoint-of.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';

type Place = Pick<ProviderAccount, 'provider' | 'baseUrl' | 'region'>;

/** Why an account cannot be in the region that it names; null where it can, or names none. */
export function refuseRegion({ provider, baseUrl, region }: Place): DomainError | null {
  const detail = refusePlace({ provider, baseUrl, region: region ?? undefined });
  if (detail === null) return null;
  const errors = [{ pointer: '/region', detail }];
  return { code: 'bad_request', detail: `The request is not valid. /region: ${detail}`, errors };
}

/** Where an account is behind a change of its credentials. */
export function placeBehind(account: ProviderAccount, { baseUrl, region }: ProviderAccountRotation): Place {
  const { provider } = account;
  const kept = baseUrl === undefined ? account.region : null;
  return {
    provider,
    baseUrl: baseUrl === undefined ? account.baseUrl : baseUrl,
    region: region === undefined ? kept : region,
  };
}
