import { anthropicAdapter } from './anthropic/adapter.ts';
import type { LanguageModelAdapterV1, ProviderName } from './contract.ts';
import { googleAdapter } from './google/adapter.ts';
import { openaiAdapter } from './openai/adapter.ts';
import { perplexityAdapter } from './perplexity/adapter.ts';

const ADAPTERS: Record<ProviderName, LanguageModelAdapterV1> = {
  openai: openaiAdapter,
  anthropic: anthropicAdapter,
  google: googleAdapter,
  perplexity: perplexityAdapter,
};

/** The adapter that speaks to a provider. */
export function adapterFor(provider: ProviderName): LanguageModelAdapterV1 {
  return ADAPTERS[provider];
}
