import type { ProviderName, RegionName } from '../../contracts/names.ts';
import type { Guarantee } from '../../contracts/residency.ts';

/** An endpoint of a provider that keeps content in a region, as far as its provider says so. */
export interface RegionalEndpoint {
  readonly provider: ProviderName;
  readonly region: RegionName;
  readonly guarantee: Exclude<Guarantee, 'declared'>;
  /** Where the provider says so, and when that was read. */
  readonly evidence: string;
  readonly readOn: string;
  readonly host: string;
  /** What is called by an account that names the region and no base URL; absent where a base URL must name a project. */
  readonly baseUrl?: string;
  /** The last segments that the path of a base URL must have, where the host alone decides nothing. */
  readonly location?: string;
  /** The region is said with each request, and only requests that infer take it: the host is that of all regions. */
  readonly isAskedFor?: true;
  /** Models that it is guaranteed for; of all others it is not. */
  readonly models: RegExp;
  /** Models whose tokens cost so many percent more there. */
  readonly surcharge?: { readonly percent: number; readonly models: RegExp };
}

const ALL = /^/;

const OPENAI = {
  provider: 'openai',
  guarantee: 'documented',
  evidence: 'https://developers.openai.com/api/docs/guides/data-residency',
  readOn: '2026-11-30',
  models: /^(gpt-4o|gpt-4\.1|gpt-5|gpt-6|o1|o3|o4-mini|text-embedding-3)/,
  surcharge: { percent: 10, models: /^gpt-(5[.-][4-9]|6)(?!\d)/ },
} as const;

const ANTHROPIC = {
  provider: 'anthropic',
  guarantee: 'documented',
  evidence: 'https://platform.claude.com/docs/en/manage-claude/data-residency',
  readOn: '2026-11-30',
  models: /^claude-(opus-4-[6-9]|sonnet-4-6|(opus|sonnet|haiku|fable)-[5-9])/,
  surcharge: { percent: 10, models: ALL },
} as const;

const MISTRAL = {
  provider: 'mistral',
  guarantee: 'documented',
  evidence: 'https://docs.mistral.ai/studio/regional-inference',
  readOn: '2026-11-30',
  models: ALL,
  surcharge: { percent: 10, models: ALL },
} as const;

const GOOGLE = {
  provider: 'google',
  guarantee: 'documented',
  evidence: 'https://docs.cloud.google.com/gemini-enterprise-agent-platform/resources/data-residency',
  readOn: '2026-11-30',
} as const;

/** Google's locations within the EU: London and Zürich are not. */
const GOOGLE_EU = [
  ...['europe-west1', 'europe-west3', 'europe-west4', 'europe-west8', 'europe-west9', 'europe-west10', 'europe-west12'],
  ...['europe-north1', 'europe-north2', 'europe-central2', 'europe-southwest1'],
];

const GOOGLE_US = [
  ...['us-central1', 'us-east1', 'us-east4', 'us-east5', 'us-south1', 'us-west1', 'us-west2', 'us-west3', 'us-west4'],
];

/** Endpoints of many regions serve Gemini 3 and later, those of one region what came before. */
function googleLocation(region: RegionName, location: string): RegionalEndpoint {
  const isOfMany = location === region;
  return {
    ...GOOGLE,
    region,
    host: isOfMany ? `aiplatform.${location}.rep.googleapis.com` : `${location}-aiplatform.googleapis.com`,
    location: `locations/${location}`,
    models: isOfMany
      ? /^gemini-3\.(1-flash-lite|5-flash)$/
      : /^(gemini-2\.5-(pro|flash|flash-lite)|gemini-embedding-001)$/,
  };
}

/** Every endpoint with a region of which its provider guarantees something. What is not here guarantees nothing. */
export const REGIONAL_ENDPOINTS: readonly RegionalEndpoint[] = [
  { ...OPENAI, region: 'eu', host: 'eu.api.openai.com', baseUrl: 'https://eu.api.openai.com/v1' },
  { ...OPENAI, region: 'us', host: 'us.api.openai.com', baseUrl: 'https://us.api.openai.com/v1' },
  {
    ...ANTHROPIC,
    ...{ region: 'us', host: 'api.anthropic.com', baseUrl: 'https://api.anthropic.com/v1', isAskedFor: true },
  },
  { ...MISTRAL, region: 'eu', host: 'api.eu.mistral.ai', baseUrl: 'https://api.eu.mistral.ai/v1' },
  { ...MISTRAL, region: 'us', host: 'api.us.mistral.ai', baseUrl: 'https://api.us.mistral.ai/v1' },
  ...['eu', ...GOOGLE_EU].map((location) => googleLocation('eu', location)),
  ...['us', ...GOOGLE_US].map((location) => googleLocation('us', location)),
];

/** Domains of providers: of what is in them and not in the list above, nothing can be declared. */
export const PROVIDER_DOMAINS: readonly string[] = [
  ...['openai.com', 'anthropic.com', 'googleapis.com', 'perplexity.ai', 'mistral.ai'],
];
