import { anthropicAdapter } from './anthropic/adapter.ts';
import type { ProviderAdapterV1, ProviderName } from './contract.ts';
import { googleAdapter } from './google/adapter.ts';
import { mistralAdapter } from './mistral/adapter.ts';
import { openaiAdapter } from './openai/adapter.ts';
import { openaiCompatibleAdapter } from './openai-compatible/adapter.ts';
import { perplexityAdapter } from './perplexity/adapter.ts';

const ADAPTERS: Record<ProviderName, ProviderAdapterV1> = {
  openai: openaiAdapter,
  anthropic: anthropicAdapter,
  google: googleAdapter,
  perplexity: perplexityAdapter,
  mistral: mistralAdapter,
  'openai-compatible': openaiCompatibleAdapter,
};

/** The adapter that speaks to a provider. */
export function adapterFor(provider: ProviderName): ProviderAdapterV1 {
  return ADAPTERS[provider];
}
