import type { Usage } from '../../contracts/queues.ts';
import type { PriceComponent } from '../../contracts/tenant-snapshot.ts';

type ComponentKind = PriceComponent['kind'];

/**
 * What a request cost, in pico-USD. `inputTokens` counts all input, of which cached reads and writes are parts with a
 * price of their own where the model has one. Null when the usage does not tell the input or the output: a cost that is
 * not known is never taken for zero.
 */
export function costOf(components: readonly PriceComponent[], usage: Usage): bigint | null {
  const { inputTokens, outputTokens, cachedInputTokens = 0, cacheWriteTokens = 0 } = usage;
  if (inputTokens === undefined || outputTokens === undefined) return null;
  const price = (kind: ComponentKind) => priceAt(components, kind, inputTokens);
  const input = price('input') ?? 0n;
  const plainTokens = Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens);
  return (
    BigInt(plainTokens) * input +
    BigInt(cachedInputTokens) * (price('cached_input') ?? input) +
    BigInt(cacheWriteTokens) * (price('cache_write') ?? input) +
    BigInt(outputTokens) * (price('output') ?? 0n) +
    (price('request') ?? 0n)
  );
}

/** The most that a request within `bound` can cost, in pico-USD, whatever its tier and however its input is cached. */
export function maxCostOf(
  components: readonly PriceComponent[],
  bound: { readonly inputTokens: number; readonly outputTokens: number },
): bigint {
  const reachable = components.filter((component) => component.fromInputTokens <= bound.inputTokens);
  const highest = (...kinds: ComponentKind[]) =>
    reachable
      .filter((component) => kinds.includes(component.kind))
      .reduce((most, { picoUsdPerUnit }) => (BigInt(picoUsdPerUnit) > most ? BigInt(picoUsdPerUnit) : most), 0n);
  return (
    BigInt(bound.inputTokens) * highest('input', 'cached_input', 'cache_write') +
    BigInt(bound.outputTokens) * highest('output') +
    highest('request')
  );
}

/** Pico-USD as a number of USD, for the public API, whose `costUsd` is a number. Never computed with. */
export function toUsdNumber(picoUsd: bigint): number {
  return Number(picoUsd) / 1e12;
}

function priceAt(components: readonly PriceComponent[], kind: ComponentKind, inputTokens: number): bigint | undefined {
  let best: PriceComponent | undefined;
  for (const component of components) {
    if (component.kind !== kind || component.fromInputTokens > inputTokens) continue;
    if (!best || component.fromInputTokens > best.fromInputTokens) best = component;
  }
  return best ? BigInt(best.picoUsdPerUnit) : undefined;
}
