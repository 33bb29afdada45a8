import { describe, expect, it } from 'vitest';
import type { ProviderName } from '../../contracts/names.ts';
import type { ModelOffer, SnapshotProviderAccount, TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import { chooseCandidate } from './choose-candidate.ts';

const account = (provider: ProviderName, id: string): SnapshotProviderAccount => ({
  id,
  provider,
  label: id,
  baseUrl: null,
  sealedCredentials: 'sealed',
});
const offer = (provider: ProviderName, model: string): ModelOffer => ({
  provider,
  model,
  contextTokens: null,
  components: [],
});

const TENANT = {
  providerAccounts: [
    account('google', 'g'),
    account('openai', 'o1'),
    account('openai', 'o2'),
    account('openai-compatible', 'c'),
  ],
  models: [offer('openai', 'large'), offer('openai', 'small'), offer('google', 'flash'), offer('anthropic', 'claude')],
} as unknown as TenantSnapshot;

const DEFAULTS = [
  { provider: 'anthropic', model: 'claude' },
  { provider: 'openai', model: 'small' },
  { provider: 'google', model: 'flash' },
] as const;

function choose(...preferences: [ProviderName, string, number?][]) {
  const wanted = preferences.map(([provider, model, weight = 1]) => ({ provider, model, weight }));
  const chosen = chooseCandidate(TENANT, wanted, DEFAULTS);
  return chosen.ok ? `${chosen.value.account.label}:${chosen.value.offer.model}` : chosen.error;
}

describe('chooseCandidate', () => {
  it('takes the preference of the greatest weight, and the first of equals', () => {
    expect(choose(['openai', 'large', 1], ['google', 'flash', 3], ['openai', 'small', 2])).toBe('g:flash');
    expect(choose(['openai', 'large'], ['google', 'flash'])).toBe('o1:large');
  });

  it('falls back to the first default that the tenant has an account for', () => {
    expect(choose()).toBe('o1:small');
  });

  it('names a preference that the tenant cannot call, however little it weighs: a typo is not passed over', () => {
    const typo = { reason: 'unknown_model', index: 1, preference: { provider: 'openai', model: 'lrage' } };
    expect(choose(['google', 'flash', 9], ['openai', 'lrage', 1])).toMatchObject(typo);
  });

  it('calls no provider without an account, though its models are known', () => {
    expect(choose(['anthropic', 'claude'])).toMatchObject({ reason: 'unknown_model', index: 0 });
  });

  it('takes any model of a compatible server, since only that server knows which it has', () => {
    expect(choose(['openai-compatible', 'whatever'])).toBe('c:whatever');
  });

  it('says so when there is nothing to call', () => {
    expect(chooseCandidate(TENANT, [], [])).toEqual({ ok: false, error: { reason: 'no_provider_account' } });
  });
});
