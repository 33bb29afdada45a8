import type { PriceComponent } from '../../contracts/tenant-snapshot.ts';
import type { Usage } from '../../contracts/usage.ts';

type ComponentKind = PriceComponent['kind'];

/** The most that a request can use. Absent `searches` are none. */
export interface PricedBound {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly searches?: number;
}

/** A component with its price as what is reckoned with. */
interface Price {
  readonly component: PriceComponent;
  readonly picoUsd: bigint;
}

/** Units within a total, at the price of their kind; without a price they cost what the rest of the total does. */
interface Part {
  readonly price: Price | undefined;
  readonly count: number | undefined;
}

/** Prices of one kind, those from the most input tokens first. */
type Tiers = readonly Price[];

const NO_TIERS: Tiers = [];

/** A model's components, made ready once: every request to the model is priced by the same ones. */
const tiersOf = new WeakMap<readonly PriceComponent[], ReadonlyMap<ComponentKind, Tiers>>();

/**
 * What a request cost, in pico-USD, from its usage and the components alone. Audio, cache writes and cache reads are
 * parts of the input, and audio is a part of the output; each token is priced once. Where parts overlap or exceed their
 * total, audio comes before writes, and writes before reads: dearest first, so that no spend is lost.
 *
 * Null when a count that has a price is not told: a cost that is not known is never taken for zero. Two counts may be
 * missing: the cache's, since input is plain until a vendor says otherwise, and searches that `bound` rules out.
 */
export function costOf(
  components: readonly PriceComponent[],
  usage: Usage,
  bound: Pick<PricedBound, 'searches'> = {},
): bigint | null {
  const lines = pricedLines(components, usage, bound);
  return lines ? lines.reduce((sum, { units, price }) => sum + BigInt(units) * price.picoUsd, 0n) : null;
}

/** Units of a request that one component prices. */
export interface CostLine {
  readonly component: PriceComponent;
  readonly units: number;
}

/** What `costOf` sums up: every unit of a request that has a price, once. Null where that is null. */
export function costLines(
  components: readonly PriceComponent[],
  usage: Usage,
  bound: Pick<PricedBound, 'searches'> = {},
): CostLine[] | null {
  const lines = pricedLines(components, usage, bound);
  return lines?.map(({ price: { component }, units }) => ({ component, units })) ?? null;
}

/** The most that a request within `bound` can cost, in pico-USD: whatever its tier, and whatever its parts. */
export function maxCostOf(components: readonly PriceComponent[], bound: PricedBound): bigint {
  const { inputTokens, outputTokens, searches = 0 } = bound;
  const highest = (...kinds: ComponentKind[]) => {
    let most = 0n;
    for (const kind of kinds)
      for (const { component, picoUsd } of pricesOf(components, kind))
        if (component.fromInputTokens <= inputTokens && picoUsd > most) most = picoUsd;
    return most;
  };
  return (
    BigInt(inputTokens) * highest('input', 'audio_input', 'cache_write', 'cached_input') +
    BigInt(outputTokens) * highest('output', 'audio_output') +
    BigInt(searches) * highest('search') +
    highest('request')
  );
}

/** Pico-USD as a number of USD, for the public API, whose `costUsd` is a number. Never computed with. */
export function toUsdNumber(picoUsd: bigint): number {
  return Number(picoUsd) / 1e12;
}

/** A number of USD as a plain decimal, without an exponent: `0.0000012`. */
export function formatUsd(usd: number): string {
  return usd.toFixed(12).replace(/\.?0+$/, '');
}

interface PricedLine {
  readonly price: Price;
  readonly units: number;
}

function pricedLines(
  components: readonly PriceComponent[],
  usage: Usage,
  bound: Pick<PricedBound, 'searches'>,
): PricedLine[] | null {
  const { inputTokens, outputTokens, cacheWriteTokens = 0, cachedInputTokens = 0 } = usage;
  if (inputTokens === undefined) return null;
  const price = (kind: ComponentKind) =>
    pricesOf(components, kind).find(({ component }) => component.fromInputTokens <= inputTokens);
  const lines: PricedLine[] = [];
  const areAllTold =
    addTotal(lines, price('input'), inputTokens, [
      { price: price('audio_input'), count: usage.audioInputTokens },
      { price: price('cache_write'), count: cacheWriteTokens },
      { price: price('cached_input'), count: cachedInputTokens },
    ]) &&
    addTotal(lines, price('output'), outputTokens, [
      { price: price('audio_output'), count: usage.audioOutputTokens },
    ]) &&
    addTotal(lines, price('search'), usage.searches ?? (bound.searches ? undefined : 0), []);
  if (!areAllTold) return null;
  const request = price('request');
  if (request) lines.push({ price: request, units: 1 });
  return lines;
}

/** Parts take their units from the total in their order, and never more than are left. False: a priced count is missing. */
function addTotal(
  lines: PricedLine[],
  price: Price | undefined,
  total: number | undefined,
  parts: readonly Part[],
): boolean {
  if (total === undefined) return price === undefined && parts.every((part) => part.price === undefined);
  let rest = total;
  for (const part of parts) {
    if (part.price === undefined) continue;
    if (part.count === undefined) return false;
    const units = Math.min(part.count, rest);
    if (units > 0) lines.push({ price: part.price, units });
    rest -= units;
  }
  if (price && rest > 0) lines.push({ price, units: rest });
  return true;
}

function pricesOf(components: readonly PriceComponent[], kind: ComponentKind): Tiers {
  const tiers = tiersOf.get(components) ?? toTiers(components);
  tiersOf.set(components, tiers);
  return tiers.get(kind) ?? NO_TIERS;
}

function toTiers(components: readonly PriceComponent[]): ReadonlyMap<ComponentKind, Tiers> {
  const tiers = new Map<ComponentKind, Price[]>();
  for (const component of components.toSorted((one, other) => other.fromInputTokens - one.fromInputTokens)) {
    const prices = tiers.get(component.kind) ?? [];
    prices.push({ component, picoUsd: BigInt(component.picoUsdPerUnit) });
    tiers.set(component.kind, prices);
  }
  return tiers;
}
