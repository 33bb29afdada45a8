/** Pico-USD in a cent. */
const PICO_USD_PER_CENT = 10_000_000_000n;

/**
 * Costs (pico-USD) rounded to cents so that they sum to the rounded total: each is rounded down or up, and those that lose
 * most are rounded up. Where costs lose the same, the first comes first. The total is rounded half up.
 */
export function roundToCents(costs: readonly bigint[]): { readonly cents: bigint[]; readonly total: bigint } {
  const total = floorDivide(sumOf(costs) * 2n + PICO_USD_PER_CENT, PICO_USD_PER_CENT * 2n);
  const cents = costs.map((cost) => floorDivide(cost, PICO_USD_PER_CENT));
  const lost = costs.map((cost, at) => cost - (cents[at] ?? 0n) * PICO_USD_PER_CENT);
  return { cents: raise(cents, lost, total - sumOf(cents)), total };
}

/**
 * A cost (any whole units, not negative) in parts by weight that sum to it, each less than one unit from its exact share.
 * Throws a RangeError unless weights are not negative and one is above zero.
 */
export function splitByWeight(cost: bigint, weights: readonly bigint[]): bigint[] {
  const whole = sumOf(weights);
  if (whole <= 0n || weights.some((weight) => weight < 0n)) throw new RangeError('weights must be positive in sum');
  const parts = weights.map((weight) => (cost * weight) / whole);
  const lost = weights.map((weight) => (cost * weight) % whole);
  return raise(parts, lost, cost - sumOf(parts));
}

/** Adds 1 to as many parts as are to be raised: those that lost most, none of which had lost nothing. */
function raise(parts: readonly bigint[], lost: readonly bigint[], count: bigint): bigint[] {
  const byLoss = parts.map((_, at) => at).sort((one, other) => compare(lost[other] ?? 0n, lost[one] ?? 0n));
  const raised = new Set(byLoss.slice(0, Number(count)));
  return parts.map((part, at) => (raised.has(at) ? part + 1n : part));
}

function floorDivide(amount: bigint, by: bigint): bigint {
  const quotient = amount / by;
  return amount % by < 0n ? quotient - 1n : quotient;
}

function compare(one: bigint, other: bigint): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function sumOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}
