import type { PriceComponent } from '../../contracts/tenant-snapshot.ts';
import type { Usage } from '../../contracts/usage.ts';

type ComponentKind = PriceComponent['kind'];

/** The most that a request can use. Absent `searches` are none. */
export interface PricedBound {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly searches?: number;
}

/** Units within a total, at the price of their kind; without a price they cost what the rest of the total does. */
interface Part {
  readonly price: PriceComponent | undefined;
  readonly count: number | undefined;
}

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
  const lines = costLines(components, usage, bound);
  return lines ? lines.reduce((sum, { units, component }) => sum + BigInt(units) * priceOf(component), 0n) : null;
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
  const { inputTokens, outputTokens, cacheWriteTokens = 0, cachedInputTokens = 0 } = usage;
  if (inputTokens === undefined) return null;
  const price = (kind: ComponentKind) => priceAt(components, kind, inputTokens);
  const request = price('request');
  const lines = [
    linesOfTotal(price('input'), inputTokens, [
      { price: price('audio_input'), count: usage.audioInputTokens },
      { price: price('cache_write'), count: cacheWriteTokens },
      { price: price('cached_input'), count: cachedInputTokens },
    ]),
    linesOfTotal(price('output'), outputTokens, [{ price: price('audio_output'), count: usage.audioOutputTokens }]),
    linesOfTotal(price('search'), usage.searches ?? (bound.searches ? undefined : 0), []),
    request ? [{ component: request, units: 1 }] : [],
  ];
  return lines.reduce<CostLine[] | null>((all, some) => all && some && all.concat(some), []);
}

/** The most that a request within `bound` can cost, in pico-USD: whatever its tier, and whatever its parts. */
export function maxCostOf(components: readonly PriceComponent[], bound: PricedBound): bigint {
  const reachable = components.filter((component) => component.fromInputTokens <= bound.inputTokens);
  const highest = (...kinds: ComponentKind[]) =>
    reachable
      .filter((component) => kinds.includes(component.kind))
      .reduce((most, { picoUsdPerUnit }) => (BigInt(picoUsdPerUnit) > most ? BigInt(picoUsdPerUnit) : most), 0n);
  return (
    BigInt(bound.inputTokens) * highest('input', 'audio_input', 'cache_write', 'cached_input') +
    BigInt(bound.outputTokens) * highest('output', 'audio_output') +
    BigInt(bound.searches ?? 0) * highest('search') +
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

/** Parts take their units from the total in their order, and never more than are left. Null: a priced count is missing. */
function linesOfTotal(
  price: PriceComponent | undefined,
  total: number | undefined,
  parts: readonly Part[],
): CostLine[] | null {
  const priced = parts.filter((part) => part.price !== undefined);
  if (total === undefined) return price === undefined && priced.length === 0 ? [] : null;
  const lines: CostLine[] = [];
  let rest = total;
  for (const part of priced) {
    if (part.count === undefined) return null;
    const units = Math.min(part.count, rest);
    if (part.price && units > 0) lines.push({ component: part.price, units });
    rest -= units;
  }
  if (price && rest > 0) lines.push({ component: price, units: rest });
  return lines;
}

function priceAt(
  components: readonly PriceComponent[],
  kind: ComponentKind,
  inputTokens: number,
): PriceComponent | undefined {
  let best: PriceComponent | undefined;
  for (const component of components) {
    if (component.kind !== kind || component.fromInputTokens > inputTokens) continue;
    if (!best || component.fromInputTokens > best.fromInputTokens) best = component;
  }
  return best;
}

function priceOf({ picoUsdPerUnit }: PriceComponent): bigint {
  return BigInt(picoUsdPerUnit);
}
