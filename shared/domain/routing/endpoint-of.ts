import type { RegionName } from '../../contracts/names.ts';
import type { Guarantee } from '../../contracts/residency.ts';
import type { ModelOffer, PriceComponent, SnapshotProviderAccount } from '../../contracts/tenant-snapshot.ts';
import { PROVIDER_DOMAINS, REGIONAL_ENDPOINTS, type RegionalEndpoint } from './provider-endpoints.ts';

/** Where a model is called by an account. */
export interface ProviderEndpoint {
  /** Null: anywhere. */
  readonly region: RegionName | null;
  readonly guarantee: Guarantee;
  /** Null: the provider's own. */
  readonly baseUrl: string | null;
  /** What each request says of its region, null where that is the host's to say. */
  readonly askedRegion: RegionName | null;
}

/** What an account tells of where it is. */
export type AccountPlace = Pick<SnapshotProviderAccount, 'provider' | 'baseUrl'> & {
  readonly region?: RegionName | undefined;
};

/** Where an account is, for all of its models. */
interface Place {
  readonly listed: RegionalEndpoint | null;
  readonly elsewhere: Omit<ProviderEndpoint, 'askedRegion'>;
}

const places = new WeakMap<AccountPlace, Place>();

/**
 * Where a model is called by an account, and how strongly that is guaranteed. The list of endpoints goes before what the
 * tenant declares: that counts for servers which are no provider's. A model that an endpoint guarantees nothing for is
 * there without a guarantee.
 */
export function endpointOf(account: AccountPlace, model: string): ProviderEndpoint {
  const { listed, elsewhere } = placeOf(account);
  if (!listed) return { ...elsewhere, askedRegion: null };
  const isGuaranteed = listed.models.test(model);
  const isUnasked = listed.isAskedFor === true && !isGuaranteed; // a model that does not know the question refuses it
  return {
    region: isUnasked ? null : listed.region,
    guarantee: isGuaranteed ? listed.guarantee : 'none',
    baseUrl: account.baseUrl ?? listed.baseUrl ?? null,
    askedRegion: listed.isAskedFor && isGuaranteed ? listed.region : null,
  };
}

/** What a model costs at an account's endpoint. The tenant's own prices are taken as they are. */
export function offerAt(account: AccountPlace, offer: ModelOffer): ModelOffer {
  const { surcharge, models } = placeOf(account).listed ?? {};
  if (!surcharge || offer.hasOwnPrices || !models?.test(offer.model) || !surcharge.models.test(offer.model))
    return offer;
  return { ...offer, components: offer.components.map(dearerBy(surcharge.percent)), hasOwnPrices: true };
}

/** Where an account is, for the models that its guarantee is for, and who says so. */
export function describePlace(account: AccountPlace) {
  const { listed, elsewhere } = placeOf(account);
  const { region, guarantee } = listed ?? elsewhere;
  return { region, guarantee, evidence: listed?.evidence ?? null, readOn: listed?.readOn ?? null };
}

/** Why an account cannot be where it says; null where it can. */
export function refusePlace(account: AccountPlace): string | null {
  if (account.region === undefined) return null;
  const { listed, elsewhere } = placeOf(account);
  const region = listed?.region ?? elsewhere.region;
  if (region === account.region) return null;
  if (account.baseUrl === null) return `${account.provider} has no endpoint of its own in ${account.region}.`;
  return region === null
    ? 'The provider guarantees nothing of where this base URL is.'
    : `This base URL is in ${region}.`;
}

function placeOf(account: AccountPlace): Place {
  const known = places.get(account) ?? findPlace(account);
  places.set(account, known);
  return known;
}

function findPlace({ provider, baseUrl, region }: AccountPlace): Place {
  const nowhere = { region: null, guarantee: 'none', baseUrl } as const;
  if (baseUrl === null) {
    const isMeant = (listed: RegionalEndpoint) =>
      listed.provider === provider && listed.region === region && listed.baseUrl !== undefined;
    return { listed: REGIONAL_ENDPOINTS.find(isMeant) ?? null, elsewhere: nowhere };
  }
  const { hostname, pathname } = new URL(baseUrl);
  const host = hostname.replace(/\.$/, '');
  const isThere = (listed: RegionalEndpoint) =>
    listed.host === host &&
    (listed.location === undefined || isAt(pathname, listed.location)) &&
    (!listed.isAskedFor || (listed.provider === provider && listed.region === region));
  const listed = REGIONAL_ENDPOINTS.find(isThere);
  if (listed) return { listed, elsewhere: nowhere };
  const isProviders = PROVIDER_DOMAINS.some((domain) => host === domain || host.endsWith(`.${domain}`));
  if (isProviders || region === undefined) return { listed: null, elsewhere: nowhere };
  return { listed: null, elsewhere: { region, guarantee: 'declared', baseUrl } };
}

function isAt(pathname: string, location: string): boolean {
  return pathname.replace(/\/+$/, '').endsWith(`/${location}`);
}

/** Prices of tokens with a surcharge, rounded up to whole pico-dollars. */
function dearerBy(percent: number) {
  return (component: PriceComponent): PriceComponent => {
    if (component.kind === 'search' || component.kind === 'request') return component;
    const dearer = (BigInt(component.picoUsdPerUnit) * BigInt(100 + percent) + 99n) / 100n;
    return { ...component, picoUsdPerUnit: dearer.toString() };
  };
}
