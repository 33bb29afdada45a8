import type { HoldCommand } from '../../contracts/rpc.ts';
import type { TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import { limitsFor, limitsOf, type MostUsed, mostOf } from './limit.ts';

/** The most that a request that asks for a hold can use. */
export function mostUsedBy({ amountPicoUsd, bound }: HoldCommand): MostUsed {
  return { picoUsd: BigInt(amountPicoUsd), tokens: BigInt((bound.inputTokens ?? 0) + (bound.outputTokens ?? 0)) };
}

/** What a request would draw from each limit that it falls under. */
export function amountsOf(snapshot: TenantSnapshot, hold: HoldCommand): { limitId: string; amount: bigint }[] {
  const most = mostUsedBy(hold);
  return limitsFor(limitsOf(snapshot), hold).map(({ id: limitId, unit }) => ({ limitId, amount: mostOf(unit, most) }));
}
