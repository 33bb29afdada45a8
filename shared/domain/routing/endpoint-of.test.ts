import { describe, expect, it } from 'vitest';
import { offer } from '../../../test/harness/routing-tenant.ts';
import { type AccountPlace, describePlace, endpointOf, offerAt, refusePlace } from './endpoint-of.ts';
import { PROVIDER_DOMAINS, REGIONAL_ENDPOINTS } from './provider-endpoints.ts';

const vertex = (host: string, location: string) => `https://${host}/v1/projects/acme/locations/${location}`;
const place = (provider: AccountPlace['provider'], baseUrl: string | null, region?: 'eu' | 'us'): AccountPlace => ({
  ...{ provider, baseUrl },
  ...(region && { region }),
});

describe('the endpoint of an account', () => {
  it.each<[string, AccountPlace, string, object]>([
    ['OpenAI’s own host', place('openai', null), 'gpt-6-luna', { region: null, guarantee: 'none', baseUrl: null }],
    [
      'OpenAI in the EU',
      place('openai', null, 'eu'),
      'gpt-6-luna',
      { region: 'eu', guarantee: 'documented', baseUrl: 'https://eu.api.openai.com/v1' },
    ],
    [
      'OpenAI’s EU host by its address',
      place('openai', 'https://eu.api.openai.com/v1'),
      'text-embedding-3-small',
      { region: 'eu', guarantee: 'documented', baseUrl: 'https://eu.api.openai.com/v1' },
    ],
    ['a model OpenAI says nothing of', place('openai', null, 'eu'), 'davinci', { region: 'eu', guarantee: 'none' }],
    [
      'Anthropic in the US',
      place('anthropic', null, 'us'),
      'claude-opus-4-6',
      { region: 'us', guarantee: 'documented', askedRegion: 'us' },
    ],
    [
      'a model of Anthropic’s that cannot be asked to',
      place('anthropic', null, 'us'),
      'claude-haiku-4-5',
      { region: null, guarantee: 'none', askedRegion: null },
    ],
    [
      'Anthropic, which has no EU',
      place('anthropic', null, 'eu'),
      'claude-opus-5',
      { region: null, guarantee: 'none' },
    ],
    ['Mistral’s own host', place('mistral', null), 'mistral-small-2603', { region: null, guarantee: 'none' }],
    [
      'Mistral in the EU',
      place('mistral', null, 'eu'),
      'mistral-small-2603',
      { region: 'eu', guarantee: 'documented', baseUrl: 'https://api.eu.mistral.ai/v1' },
    ],
    ['Perplexity, which has no region', place('perplexity', null, 'eu'), 'sonar', { region: null, guarantee: 'none' }],
    ['Gemini’s global API', place('google', null, 'eu'), 'gemini-2.5-pro', { region: null, guarantee: 'none' }],
    [
      'a location of Vertex AI',
      place('google', vertex('europe-west4-aiplatform.googleapis.com', 'europe-west4')),
      'gemini-2.5-pro',
      { region: 'eu', guarantee: 'documented' },
    ],
    [
      'a model that is not guaranteed there',
      place('google', vertex('europe-west4-aiplatform.googleapis.com', 'europe-west4')),
      'gemini-3.5-flash',
      { region: 'eu', guarantee: 'none' },
    ],
    [
      'Vertex AI’s EU',
      place('google', vertex('aiplatform.eu.rep.googleapis.com', 'eu')),
      'gemini-3.5-flash',
      { region: 'eu', guarantee: 'documented' },
    ],
    [
      'London',
      place('google', vertex('europe-west2-aiplatform.googleapis.com', 'europe-west2'), 'eu'),
      'gemini-2.5-pro',
      { region: null, guarantee: 'none' },
    ],
    [
      'a regional host asked for the global location',
      place('google', vertex('europe-west4-aiplatform.googleapis.com', 'global'), 'eu'),
      'gemini-2.5-pro',
      { region: null, guarantee: 'none' },
    ],
    [
      'a provider’s global host that is declared to be in the EU',
      place('openai-compatible', 'https://api.openai.com/v1', 'eu'),
      'gpt-6-luna',
      { region: null, guarantee: 'none' },
    ],
    [
      'a server of the tenant’s own, declared',
      place('openai-compatible', 'https://llm.example.com/v1', 'eu'),
      'any',
      { region: 'eu', guarantee: 'declared', baseUrl: 'https://llm.example.com/v1' },
    ],
    [
      'a server of the tenant’s own, of which nothing is said',
      place('openai-compatible', 'https://llm.example.com/v1'),
      'any',
      { region: null, guarantee: 'none', baseUrl: 'https://llm.example.com/v1' },
    ],
    [
      'a host that only looks like a provider’s',
      place('openai-compatible', 'https://eu.api.openai.com.evil.example/v1'),
      'gpt-6-luna',
      { region: null, guarantee: 'none' },
    ],
  ])('is known: %s', (_name, account, model, expected) => {
    expect(endpointOf(account, model)).toMatchObject(expected);
  });

  it('has evidence and a date in every entry, at a host of its provider’s', () => {
    for (const { evidence, readOn, host, guarantee } of REGIONAL_ENDPOINTS) {
      expect(URL.canParse(evidence)).toBe(true);
      expect(readOn).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(PROVIDER_DOMAINS.some((domain) => host.endsWith(`.${domain}`))).toBe(true);
      expect(guarantee).not.toBe('none');
    }
    expect(describePlace(place('mistral', null, 'eu'))).toMatchObject({ readOn: '2026-11-30' });
  });

  it('is refused where a region is named that it is not in', () => {
    expect(refusePlace(place('openai', null, 'eu'))).toBeNull();
    expect(refusePlace(place('openai-compatible', 'https://llm.example.com', 'us'))).toBeNull();
    expect(refusePlace(place('perplexity', null, 'eu'))).toContain('no endpoint');
    expect(refusePlace(place('openai', 'https://us.api.openai.com/v1', 'eu'))).toContain('in us');
    expect(refusePlace(place('openai', 'https://api.openai.com/v1', 'eu'))).toContain('guarantees nothing');
  });
});

describe('prices at an endpoint', () => {
  const prices = (account: AccountPlace, model: string, own = false) => {
    const offered = { ...offer(account.provider, model, 15, 101), ...(own && { hasOwnPrices: true as const }) };
    return offerAt(account, offered).components.map(({ picoUsdPerUnit }) => picoUsdPerUnit);
  };

  it('have the provider’s surcharge for the region, rounded up', () => {
    expect(prices(place('openai', null, 'eu'), 'gpt-6-luna')).toEqual(['17', '112']);
    expect(prices(place('mistral', null, 'us'), 'mistral-embed')).toEqual(['17', '112']);
    expect(prices(place('anthropic', null, 'us'), 'claude-opus-5')).toEqual(['17', '112']);
  });

  it('are the list’s elsewhere, for models without a surcharge, and where they are the tenant’s own', () => {
    for (const [account, model] of [
      [place('openai', null), 'gpt-6-luna'],
      [place('openai', null, 'eu'), 'gpt-4o'],
      [place('openai', null, 'eu'), 'gpt-5.2'],
      [place('anthropic', null, 'us'), 'claude-haiku-4-5'],
    ] as const) {
      expect(prices(account, model)).toEqual(['15', '101']);
    }
    expect(prices(place('openai', null, 'eu'), 'gpt-6-luna', true)).toEqual(['15', '101']);
  });
});
