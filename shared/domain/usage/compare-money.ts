/** What the objects of a tenant count of its money, in pico-dollars, as read one after the other. */
export interface TenantStanding {
  /** Of the tenant's TenantGate, which its shards tell what they spent. */
  readonly spentPicoUsd: bigint;
  /** Held or leased by it, to shards too. */
  readonly outPicoUsd: bigint;
  /** On its way to Postgres from all of them. */
  readonly unrecordedPicoUsd: bigint;
  readonly unrecordedCount: number;
  /** Each of the objects by itself, the TenantGate first. */
  readonly shards: readonly { readonly spentPicoUsd: bigint; readonly outPicoUsd: bigint }[];
}

/** `expected` is what the gates counted, or the nearest to `found` that they allow. */
export type MoneyComparison =
  | { readonly state: 'exact' | 'within' }
  | { readonly state: 'different'; readonly expected: bigint; readonly found: bigint };

/**
 * Holds an amount that was recorded against what a tenant's gates counted just before and just after it was read. While
 * nothing changed and nothing is on its way the two are equal. Else the least that can be recorded is what was spent
 * before, but for what was on its way, and the most what was spent after, and what shards have not told of yet. While a
 * request is on its way that may lower what was recorded (a correction), there is no most.
 */
export function compareMoney(before: TenantStanding, after: TenantStanding, recorded: bigint): MoneyComparison {
  const isAtRest = after.unrecordedCount === 0 && before.unrecordedCount === 0 && isSame(before, after);
  const untold = after.shards.length > 1 ? after.outPicoUsd : 0n;
  const least = before.spentPicoUsd - before.unrecordedPicoUsd;
  const most = after.spentPicoUsd + untold;
  if (isAtRest && untold === 0n) {
    const expected = after.spentPicoUsd;
    return recorded === expected ? { state: 'exact' } : { state: 'different', expected, found: recorded };
  }
  if (recorded < least) return { state: 'different', expected: least, found: recorded };
  if (recorded > most && before.unrecordedCount === 0 && after.unrecordedCount === 0)
    return { state: 'different', expected: most, found: recorded };
  return { state: 'within' };
}

function isSame(one: TenantStanding, other: TenantStanding): boolean {
  return (
    one.spentPicoUsd === other.spentPicoUsd &&
    one.outPicoUsd === other.outPicoUsd &&
    one.shards.length === other.shards.length &&
    one.shards.every(({ spentPicoUsd, outPicoUsd }, at) => {
      const now = other.shards[at];
      return now?.spentPicoUsd === spentPicoUsd && now.outPicoUsd === outPicoUsd;
    })
  );
}
