import type { HoldRefusal } from '../../contracts/rpc.ts';

/** A limit that has no room for what was asked of it. */
export type LimitReached = Extract<HoldRefusal, { readonly reason: 'limit_reached' }>;

/** Of several limits without room the one that has some last: to wait for another one would be in vain. */
export function lastToHaveRoom(reached: readonly LimitReached[]): LimitReached | null {
  return reached.reduce<LimitReached | null>(
    (last, each) => (last && waitOf(last) >= waitOf(each) ? last : each),
    null,
  );
}

/** For ever, where only a change of the limit makes room. */
function waitOf({ retryAfterMs }: LimitReached): number {
  return retryAfterMs ?? Number.POSITIVE_INFINITY;
}
