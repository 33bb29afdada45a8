import type { RegionName } from '../../../shared/contracts/names.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { UNAVAILABLE_RETRY_MS } from '../constants.ts';
import type { GatewaySettings } from '../env.ts';

/** That a request has no valid credential; `detail` says which one was looked at. */
export function unauthenticated(detail: string): DomainError {
  return { code: 'unauthenticated', detail, headers: { 'www-authenticate': 'Bearer realm="eufm"' } };
}

/** That what a credential is checked by is away. */
export function identityUnavailable(): DomainError {
  const detail = 'Credentials cannot be checked right now. Nothing was done.';
  return { code: 'unavailable', detail, retryAfterMs: UNAVAILABLE_RETRY_MS };
}

/** That a credential is of a tenant of another region: with that region's address, where there is one. */
export function wrongRegion(
  { regionUrls }: Pick<GatewaySettings, 'regionUrls'>,
  credential: 'key' | 'token',
  region: RegionName,
): DomainError {
  const url = regionUrls[region];
  const detail = `This ${credential}’s tenant lives in region ${region}${url ? `: call ${url}` : ''}.`;
  return { code: 'wrong_region', detail };
}
