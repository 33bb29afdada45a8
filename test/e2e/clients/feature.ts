import type { Seen } from './vendors.ts';

/** Providers that the clients are tried with. A compatible server is what one of these formats makes of it. */
export const CLIENT_PROVIDERS = ['openai', 'anthropic', 'google', 'perplexity', 'mistral'] as const;
export type ClientProvider = (typeof CLIENT_PROVIDERS)[number];

/** Where a feature is tried: the running product, by what a user of a client has, and one provider behind it. */
export interface Target {
  readonly provider: ClientProvider;
  /** A chat model of the provider, by its own name. */
  readonly model: string;
  /** Absent where the provider has no embeddings. */
  readonly embeddingModel: string | undefined;
  /** Of the product, without a version. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** What the provider was sent since the cell began, oldest first. */
  readonly seen: () => readonly Seen[];
}

/** Why a feature does not work with a provider, and what happens in its place. */
export interface Limit {
  /** A phrase for the published table. */
  readonly why: string;
  /** Asserts what is documented to happen instead. */
  readonly instead: (target: Target) => Promise<void>;
}

/** Something that a client does. `run` rejects where it does not work; where there is a limit, it must. */
export interface Feature {
  readonly name: string;
  readonly run: (target: Target) => Promise<void>;
  readonly limits?: { readonly [Provider in ClientProvider]?: Limit };
  /** What a user must know where it works. */
  readonly notes?: { readonly [Provider in ClientProvider]?: string };
}

/** The features of one client, in the order of the table. */
export interface Client {
  readonly name: string;
  /** How a user points it at the product. */
  readonly setUp: string;
  readonly features: readonly Feature[];
}

/** The last call that a provider got; throws when it got none. */
export function lastSeen({ seen }: Target): Seen {
  const last = seen().at(-1);
  if (!last) throw new Error('the provider was not called');
  return last;
}
