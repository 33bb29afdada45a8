import { calcPrice } from '@pydantic/genai-prices';
import { expect, it } from 'vitest';
import { PROVIDERS } from '../contracts/names.ts';
import { DEFAULT_MODELS } from './default-models.ts';
import { adapterFor } from './registry.ts';

it.each(PROVIDERS)('%s has an adapter of its name and a default model with a price', (provider) => {
  expect(adapterFor(provider).provider).toBe(provider);
  const price = calcPrice({ input_tokens: 1_000_000 }, DEFAULT_MODELS[provider], { providerId: provider });
  expect(price?.model.id).toBe(DEFAULT_MODELS[provider]);
  expect(price?.model.deprecated ?? false).toBe(false);
  expect(price?.total_price).toBeGreaterThan(0);
});
