import type { CallOptions, ProviderAdapterV1, ProviderName } from '../../shared/providers/contract.ts';
import { DEFAULT_MODELS } from '../../shared/providers/default-models.ts';
import { adapterFor } from '../../shared/providers/registry.ts';

/** An adapter, and what to expect of it alone. */
export interface Subject {
  readonly name: string;
  readonly adapter: ProviderAdapterV1;
  readonly model: string;
  readonly embeddingModel?: string;
  /** The base URL of its account when the vendor is at this origin. */
  readonly baseUrl: (origin: string) => string;
  readonly credentials: CallOptions['credentials'];
  readonly hasTools: boolean;
  /** The vendor tells the usage of a stream unasked, as the mock does not. */
  readonly tellsUsage?: boolean;
  /** The vendor's word for an answer that reached its limit. */
  readonly rawLength: string;
}

function subject(provider: ProviderName, own: Partial<Subject> & Pick<Subject, 'rawLength'>): Subject {
  const baseUrl = (origin: string) => origin;
  return {
    name: provider,
    adapter: adapterFor(provider),
    model: DEFAULT_MODELS[provider] ?? 'any-model',
    baseUrl,
    credentials: { apiKey: 'test-key' },
    hasTools: true,
    ...own,
  };
}

/** Every adapter of the registry, and each other way in that one has. */
export const SUBJECTS: readonly Subject[] = [
  subject('openai', { rawLength: 'length', embeddingModel: 'text-embedding-3-small' }),
  subject('anthropic', { rawLength: 'max_tokens' }),
  subject('google', { rawLength: 'MAX_TOKENS', embeddingModel: 'gemini-embedding-001' }),
  subject('google', {
    name: 'google on a Vertex AI host',
    rawLength: 'MAX_TOKENS',
    credentials: { apiKey: '', accessToken: 'test-token' },
    baseUrl: (origin) => `${origin}/v1/projects/test-project/locations/europe-west4`,
  }),
  subject('perplexity', { rawLength: 'length', tellsUsage: true, hasTools: false }),
  subject('mistral', { rawLength: 'length', tellsUsage: true, embeddingModel: 'mistral-embed' }),
  subject('openai-compatible', { rawLength: 'length', embeddingModel: 'any-embedding' }),
];

/** Where the vendor is, and how to reach it. */
export interface Environment {
  readonly origin: () => string;
  readonly fetch: typeof fetch;
}

/** Options of a call of the subject in an environment. */
export function callOptions(
  { model, baseUrl, credentials }: Subject,
  { origin, fetch }: Environment,
  overrides: Partial<CallOptions> = {},
): CallOptions {
  let ids = 0;
  return {
    model,
    credentials,
    baseUrl: baseUrl(origin()),
    fetch,
    now: () => Date.UTC(2026, 0, 1),
    generateId: () => `generated-${++ids}`,
    abortSignal: new AbortController().signal,
    ...overrides,
  };
}
