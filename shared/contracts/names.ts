import * as z from 'zod';

/** Providers that the platform can call. */
export const PROVIDERS = ['openai', 'anthropic', 'google', 'perplexity', 'mistral', 'openai-compatible'] as const;
export const providerName = z.enum(PROVIDERS);
export type ProviderName = z.infer<typeof providerName>;

/** Jurisdictions that a tenant can live in; each is a deployment of its own. */
export const REGIONS = ['eu', 'us'] as const;
export const regionName = z.enum(REGIONS);
export type RegionName = z.infer<typeof regionName>;

/** Kinds of environment within a tenant. */
export const ENVIRONMENT_TYPES = ['dev', 'staging', 'prod'] as const;
export const environmentType = z.enum(ENVIRONMENT_TYPES);
export type EnvironmentType = z.infer<typeof environmentType>;

/** An integer of pico-USD (1e-12 USD) as a decimal string: how money crosses JSON and RPC between our own parts. */
export const picoUsdText = z.string().regex(/^-?(0|[1-9]\d*)$/);
