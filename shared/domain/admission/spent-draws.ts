import type { HoldCommand } from '../../contracts/rpc.ts';
import type { TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import type { Draw, LeasePool, Used } from './lease-pool.ts';
import { limitsFor, limitsOf } from './limit.ts';

/** What a request was sent to. */
export type Called = Pick<HoldCommand, 'provider' | 'model'>;

const NOTHING: Used = { picoUsd: 0n, tokens: 0n, isCounted: false };

/** One text for all requests that fall under the same limits. */
export function subjectKey({ environmentId, apiKeyId, provider, model, alternatives = [] }: HoldCommand): string {
  const others = alternatives.map((alternative) => ` ${alternative.provider} ${alternative.model}`);
  return `${environmentId} ${apiKeyId} ${provider} ${model}${others.join('')}`;
}

/** How a held request ended. */
interface End {
  readonly called: Called;
  readonly used: Used;
  /** Its lease is over. */
  readonly isOver: boolean;
}

/** Ends a hold's draws: those of limits that only another candidate would have fallen under spend nothing. */
export function settleHold(
  pool: LeasePool,
  { hold, draws }: { readonly hold: HoldCommand; readonly draws: readonly Draw[] },
  snapshot: TenantSnapshot | null,
  { called, used, isOver }: End,
): void {
  const limits = hold.alternatives && snapshot ? limitsOf(snapshot) : null;
  if (!limits) {
    pool.settle(draws, used, isOver);
    return;
  }
  const { alternatives: _, ...subject } = { ...hold, ...called };
  const under = new Set(limitsFor(limits, subject).map(({ id }) => id));
  const isSpent = ({ share }: Draw) => under.has(share.limitId);
  const unspent = draws.filter((draw) => !isSpent(draw));
  pool.settle(draws.filter(isSpent), used, isOver);
  pool.settle(unspent, NOTHING, isOver);
}
