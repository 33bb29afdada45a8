import { describe, expect, it } from 'vitest';
import type { ModelOffer } from '../../contracts/tenant-snapshot.ts';
import { overridePrices } from './override-prices.ts';

const OFFER: ModelOffer = {
  provider: 'openai',
  model: 'large',
  contextTokens: 1_000,
  components: [
    { kind: 'input', picoUsdPerUnit: '100', fromInputTokens: 0 },
    { kind: 'input', picoUsdPerUnit: '200', fromInputTokens: 500 },
    { kind: 'output', picoUsdPerUnit: '400', fromInputTokens: 0 },
  ],
};
const OTHER: ModelOffer = { ...OFFER, model: 'small' };
const OWN = { kind: 'input', picoUsdPerUnit: '7', fromInputTokens: 0 } as const;

describe('overridePrices', () => {
  it('replaces every tier of a kind, and leaves other kinds and models alone', () => {
    const [large, small] = overridePrices([OFFER, OTHER], [{ provider: 'openai', model: 'large', ...OWN }]);
    expect(large).toEqual({ ...OFFER, components: [OFFER.components[2], OWN], hasOwnPrices: true });
    expect(small).toEqual(OTHER);
    expect(OFFER.components).toHaveLength(3);
  });

  it('prices a model that the catalogue does not list', () => {
    const override = { provider: 'openai-compatible', model: 'own', ...OWN } as const;
    expect(overridePrices([], [override])).toEqual([
      { provider: 'openai-compatible', model: 'own', contextTokens: null, components: [OWN], hasOwnPrices: true },
    ]);
  });

  it('changes nothing without overrides', () => {
    expect(overridePrices([OFFER, OTHER], [])).toEqual([OFFER, OTHER]);
  });
});
