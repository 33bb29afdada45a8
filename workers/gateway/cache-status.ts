import type { CacheUse } from '../../shared/contracts/queues.ts';

/** `Cache-Status` for each outcome (RFC 9211, section 2). */
const STATUSES: Readonly<Record<CacheUse['outcome'], string>> = {
  miss: 'eufm; fwd=miss',
  exact: 'eufm; hit',
  joined: 'eufm; fwd=miss; collapsed',
  alike: 'eufm; hit; detail=alike',
};

/** What an answer says of the look for a stored one. */
export function cacheStatusOf({ outcome }: CacheUse): string {
  return STATUSES[outcome];
}
