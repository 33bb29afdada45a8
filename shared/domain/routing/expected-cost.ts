import type { ModelOffer, PriceComponent } from '../../contracts/tenant-snapshot.ts';

/** A price, and from how many input tokens of a request it holds; those of many tokens come first. */
interface Tier {
  readonly from: number;
  /** As near as a number comes to it. */
  readonly price: number;
  readonly exact: bigint;
}

interface Prices {
  readonly input: readonly Tier[];
  readonly cachedInput: readonly Tier[];
  readonly output: readonly Tier[];
  readonly request: readonly Tier[];
}

/** Pico-USD, always exact: a number as far as numbers are, since those are faster, and a bigint beyond. */
export type ExpectedCost = number | bigint;

const FREE: Tier = { from: 0, price: 0, exact: 0n };

/**
 * What a request with so many tokens costs at a model when `cachedShare` of its input is in the model's prompt cache, and
 * nothing is written to one, or audio: as `costOf` says, from prices that are read once for an offer. Null: the model has no
 * price.
 */
export function expectedCost(
  offer: ModelOffer,
  { input, output }: { readonly input: number; readonly output: number },
  cachedShare = 0,
): ExpectedCost | null {
  if (offer.components.length === 0) return null;
  const prices = pricesOf(offer);
  const fresh = tierAt(prices.input, input) ?? FREE;
  const written = tierAt(prices.output, input) ?? FREE;
  const once = tierAt(prices.request, input) ?? FREE;
  // Where the cache's tokens have no price of their own they cost what the others do.
  const held = cachedShare > 0 ? tierAt(prices.cachedInput, input) : undefined;
  const cached = held ? Math.floor(input * cachedShare) : 0;
  const { price, exact } = held ?? FREE;
  const cost = (input - cached) * fresh.price + cached * price + output * written.price + once.price;
  // No part is negative: a sum that is safe has only safe parts, and is exact.
  if (Number.isSafeInteger(cost)) return cost;
  return BigInt(input - cached) * fresh.exact + BigInt(cached) * exact + BigInt(output) * written.exact + once.exact;
}

const read = new WeakMap<ModelOffer, Prices>();

function pricesOf(offer: ModelOffer): Prices {
  const known = read.get(offer);
  if (known) return known;
  const prices: Prices = {
    input: tiersOf(offer.components, 'input'),
    cachedInput: tiersOf(offer.components, 'cached_input'),
    output: tiersOf(offer.components, 'output'),
    request: tiersOf(offer.components, 'request'),
  };
  read.set(offer, prices);
  return prices;
}

function tiersOf(components: readonly PriceComponent[], kind: PriceComponent['kind']): Tier[] {
  return components
    .filter((component) => component.kind === kind)
    .map(({ fromInputTokens, picoUsdPerUnit }) => {
      const exact = BigInt(picoUsdPerUnit);
      return { from: fromInputTokens, price: Number(exact), exact };
    })
    .sort((one, other) => other.from - one.from);
}

function tierAt(tiers: readonly Tier[], inputTokens: number): Tier | undefined {
  for (const tier of tiers) if (tier.from <= inputTokens) return tier;
  return undefined;
}
