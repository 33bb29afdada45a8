import type { ProviderName } from './contract.ts';

/** A current and cheap chat model of each provider that has models of its own, for requests that name none. */
export const DEFAULT_MODELS: Readonly<Record<Exclude<ProviderName, 'openai-compatible'>, string>> & {
  readonly 'openai-compatible'?: undefined;
} = {
  openai: 'gpt-6-luna',
  anthropic: 'claude-haiku-4-5',
  google: 'gemini-3.5-flash-lite',
  perplexity: 'sonar',
  mistral: 'mistral-small-2603',
};

/** A model, and whose it is. */
interface DefaultModel {
  readonly provider: ProviderName;
  readonly model: string;
}

/** The last model that still completes text. */
export const DEFAULT_COMPLETION_MODEL: DefaultModel = { provider: 'openai', model: 'gpt-3.5-turbo-instruct' };

/** Embedding models in order of preference. Their vectors cannot be compared, so one that is named is never replaced. */
export const DEFAULT_EMBEDDING_MODELS: readonly DefaultModel[] = [
  { provider: 'openai', model: 'text-embedding-3-small' },
  { provider: 'google', model: 'gemini-embedding-001' },
  { provider: 'mistral', model: 'mistral-embed' },
];
