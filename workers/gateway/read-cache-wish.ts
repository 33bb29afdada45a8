import { z } from '@hono/zod-openapi';
import { CACHE_MAX_TTL_S } from '../../shared/contracts/routing-policy.ts';
import type { AppContext } from './app-context.ts';

/** Its first group is the time. Groups have no names: the page of the API's description cannot read those. */
const FORM = /^(?:off|ttl=([1-9]\d{0,4})(?:, ?refresh)?)$/;

/** What a request says of stored answers. */
export type CacheWish =
  | { readonly kind: 'off' }
  | { readonly kind: 'on'; readonly ttlSeconds: number; readonly isRefresh: boolean };

/** `ttl=SECONDS`, `ttl=SECONDS, refresh` or `off`. */
export const cacheHeader = z
  .string()
  .regex(FORM, { error: 'must be `off`, `ttl=SECONDS` or `ttl=SECONDS, refresh`' })
  .refine((text) => ttlOf(text) <= CACHE_MAX_TTL_S, { error: `must not be longer than ${CACHE_MAX_TTL_S} seconds` })
  .openapi({
    description:
      '`ttl=SECONDS` (up to a day): an equal request of the same environment may be answered with a stored answer, and this one’s is stored so long. `ttl=SECONDS, refresh`: a new answer is stored. `off`: neither, whatever the routing policy says.',
    example: 'ttl=600',
  });

/** What the header says; its validator has refused what it may not say. Null: nothing. */
export function readCacheWish(context: AppContext): CacheWish | null {
  const said = context.req.header('x-eufm-cache');
  if (said === undefined) return null;
  if (said === 'off') return { kind: 'off' };
  return { kind: 'on', ttlSeconds: ttlOf(said), isRefresh: said.endsWith('refresh') };
}

function ttlOf(text: string): number {
  return Number(FORM.exec(text)?.[1] ?? 0);
}
