import { calcPrice } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { PROVIDERS } from '../contracts/names.ts';
import { DEFAULT_COMPLETION_MODEL, DEFAULT_EMBEDDING_MODELS, DEFAULT_MODELS } from './default-models.ts';
import { adapterFor } from './registry.ts';

const CHAT_MODELS = PROVIDERS.flatMap((provider) => {
  const model = DEFAULT_MODELS[provider];
  return model === undefined ? [] : [{ provider, model }];
});

describe('the default models', () => {
  it('leave out only the provider whose models are not known', () => {
    expect(CHAT_MODELS.map(({ provider }) => provider)).toEqual(PROVIDERS.filter((it) => it !== 'openai-compatible'));
  });

  it.each([...CHAT_MODELS, DEFAULT_COMPLETION_MODEL, ...DEFAULT_EMBEDDING_MODELS])(
    '$provider has a price for $model, and still offers it',
    ({ provider, model }) => {
      const price = calcPrice({ input_tokens: 1_000_000 }, model, { providerId: provider });
      expect(price?.model.id).toBe(model);
      expect(price?.model.deprecated ?? false).toBe(false);
      expect(price?.total_price).toBeGreaterThan(0);
    },
  );

  it.each(PROVIDERS)('%s has an adapter of its name', (provider) => {
    expect(adapterFor(provider).provider).toBe(provider);
  });

  it('have an adapter that can do what they are for', () => {
    expect(adapterFor(DEFAULT_COMPLETION_MODEL.provider).complete).toBeDefined();
    for (const { provider } of DEFAULT_EMBEDDING_MODELS) expect(adapterFor(provider).embed, provider).toBeDefined();
  });
});
