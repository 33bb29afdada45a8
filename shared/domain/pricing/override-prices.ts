import type { ModelOffer, PriceComponent } from '../../contracts/tenant-snapshot.ts';

/** A price of a tenant's own. */
export interface PriceOverride extends PriceComponent, Pick<ModelOffer, 'provider' | 'model'> {}

/**
 * Offers at a tenant's own prices. An override replaces the catalogue's whole ladder of its kind, not one step of it; the
 * other kinds keep theirs. A model that the catalogue does not list has the tenant's prices alone.
 */
export function overridePrices(offers: readonly ModelOffer[], overrides: readonly PriceOverride[]): ModelOffer[] {
  const offerOf = new Map(offers.map((offer) => [keyOf(offer), offer]));
  for (const [key, own] of Map.groupBy(overrides, keyOf)) {
    const [first] = own;
    if (!first) continue;
    const { provider, model } = first;
    const kinds = new Set(own.map(({ kind }) => kind));
    const offer = offerOf.get(key) ?? { provider, model, contextTokens: null, components: [] };
    const kept = offer.components.filter(({ kind }) => !kinds.has(kind));
    const replaced = own.map(({ kind, picoUsdPerUnit, fromInputTokens }) => ({
      kind,
      picoUsdPerUnit,
      fromInputTokens,
    }));
    offerOf.set(key, { ...offer, components: [...kept, ...replaced], hasOwnPrices: true });
  }
  return [...offerOf.values()];
}

function keyOf({ provider, model }: Pick<ModelOffer, 'provider' | 'model'>): string {
  return `${provider}/${model}`;
}
