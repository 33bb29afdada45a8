import type { ProviderName } from './contract.ts';

/** A current and cheap chat model of each provider, for requests that name none. */
export const DEFAULT_MODELS: Record<ProviderName, string> = {
  openai: 'gpt-6-luna',
  anthropic: 'claude-haiku-4-5',
  google: 'gemini-3.5-flash-lite',
  perplexity: 'sonar',
};
