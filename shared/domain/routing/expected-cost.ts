import type { ModelOffer, PriceComponent } from '../../contracts/tenant-snapshot.ts';

/** A price, and from how many input tokens of a request it holds; those of many tokens come first. */
interface Tier {
  readonly from: number;
  readonly price: bigint;
}

interface Tokens {
  readonly input: number;
  readonly output: number;
}

interface ExactTokens {
  readonly input: bigint;
  readonly output: bigint;
}

interface Prices {
  readonly input: readonly Tier[];
  readonly cachedInput: readonly Tier[];
  readonly output: readonly Tier[];
  readonly request: readonly Tier[];
}

/**
 * What a request with so many tokens costs at a model, in pico-USD, when `cachedShare` of its
 * input is in the model's prompt cache, and nothing is written to one, or audio: as
 * `costOf` says, from prices that are read once for an offer. Null: the model has no price. `exact` is the same tokens, for
 * those who ask after many offers.
 */
export function expectedCost(
  offer: ModelOffer,
  { input, output }: Tokens,
  cachedShare = 0,
  exact: ExactTokens = { input: BigInt(input), output: BigInt(output) },
): bigint | null {
  if (offer.components.length === 0) return null;
  const prices = pricesOf(offer);
  const inputPrice = priceAt(prices.input, input);
  const plain = exact.input * inputPrice + exact.output * priceAt(prices.output, input);
  const perToken = cachedShare > 0 ? plain - savedByCache(prices, inputPrice, input, cachedShare) : plain;
  return prices.request.length === 0 ? perToken : perToken + priceAt(prices.request, input);
}

/** What a prompt cache takes off; nothing where its tokens have no price of their own. */
function savedByCache({ cachedInput }: Prices, inputPrice: bigint, input: number, share: number): bigint {
  if (!cachedInput.some(({ from }) => from <= input)) return 0n;
  return BigInt(Math.floor(input * share)) * (inputPrice - priceAt(cachedInput, input));
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
    .map(({ fromInputTokens, picoUsdPerUnit }) => ({ from: fromInputTokens, price: BigInt(picoUsdPerUnit) }))
    .sort((one, other) => other.from - one.from);
}

function priceAt(tiers: readonly Tier[], inputTokens: number): bigint {
  for (const { from, price } of tiers) if (from <= inputTokens) return price;
  return 0n;
}
