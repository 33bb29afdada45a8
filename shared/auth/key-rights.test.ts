import { describe, expect, it } from 'vitest';
import type { SnapshotApiKey } from '../contracts/tenant-snapshot.ts';
import { excessOf, type Grantor, isAddressAllowed, isModelAllowed, type KeyRights } from './key-rights.ts';

const KEY: SnapshotApiKey = { id: 'key', environmentId: 'dev', hash: 'hash', scopes: ['keys:write', 'usage:read'] };
const RESTRICTED: SnapshotApiKey = {
  ...KEY,
  expiresAt: 1_000,
  ipAllowList: ['10.0.0.0/8'],
  models: ['gpt-4o', 'anthropic/claude-sonnet-4-5'],
};
const PERMISSIONS: ReadonlySet<string> = new Set(KEY.scopes);
const ANYBODY: Grantor = { permissions: PERMISSIONS, apiKey: null, homeEnvironmentId: null };
const PLAIN: KeyRights = {
  ...{ environmentId: 'dev', scopes: ['usage:read'], expiresAt: null, ipAllowList: null, models: null },
};
const FITTING: KeyRights = {
  ...{ ...PLAIN, expiresAt: 1_000, ipAllowList: ['10.1.0.0/16', '10.2.3.4'] },
  models: ['openai/gpt-4o', 'gpt-4o', 'anthropic/claude-sonnet-4-5'],
};

describe('nobody gives a key more than they have', () => {
  it('a person gives what they may, everywhere and for ever', () => {
    expect(excessOf({ ...PLAIN, environmentId: 'prod' }, ANYBODY)).toEqual([]);
  });

  it('a person of one environment gives what is of that one', () => {
    const person = { ...ANYBODY, homeEnvironmentId: 'dev' };
    expect(excessOf(PLAIN, person)).toEqual([]);
    const found = excessOf({ ...PLAIN, environmentId: 'prod' }, person);
    expect(found.map((error) => error.pointer)).toEqual(['/environmentId']);
  });

  it('a key gives what it has itself', () => {
    expect(excessOf(PLAIN, { ...ANYBODY, apiKey: KEY })).toEqual([]);
    expect(excessOf(FITTING, { ...ANYBODY, apiKey: RESTRICTED })).toEqual([]);
  });

  it.each<[string, Partial<KeyRights>]>([
    ['/scopes', { scopes: ['usage:read', 'billing:write'] }],
    ['/environmentId', { environmentId: 'prod' }],
    ['/expiresAt', { expiresAt: 1_001 }],
    ['/expiresAt', { expiresAt: null }],
    ['/ipAllowList', { ipAllowList: null }],
    ['/ipAllowList', { ipAllowList: ['10.0.0.0/8', '11.0.0.0/8'] }],
    ['/ipAllowList', { ipAllowList: ['0.0.0.0/0'] }],
    ['/models', { models: null }],
    ['/models', { models: ['gpt-4o', 'gpt-4o-mini'] }],
    ['/models', { models: ['claude-sonnet-4-5'] }],
    ['/models', { models: ['mistral/claude-sonnet-4-5'] }],
  ])('%s: not %j', (pointer, change) => {
    const found = excessOf({ ...FITTING, ...change }, { ...ANYBODY, apiKey: RESTRICTED });
    expect(found.map((error) => error.pointer)).toEqual([pointer]);
  });
});

describe('a key’s lists', () => {
  it('allow all where there are none, even from an address that is not known', () => {
    expect(isAddressAllowed(KEY, null)).toBe(true);
    expect(isModelAllowed(KEY, { provider: 'openai', model: 'gpt-4o' })).toBe(true);
  });

  it('allow nothing that is not on them', () => {
    const allowed = ['10.9.8.7', '11.0.0.1', null, 'acme'].map((address) => isAddressAllowed(RESTRICTED, address));
    expect(allowed).toEqual([true, false, false, false]);
    expect(isAddressAllowed({ ...KEY, ipAllowList: ['acme'] }, '10.0.0.1')).toBe(false);
  });

  it.each([
    ['openai', 'gpt-4o', true],
    ['mistral', 'gpt-4o', true],
    ['anthropic', 'claude-sonnet-4-5', true],
    ['openai', 'claude-sonnet-4-5', false],
    ['openai-compatible', 'anthropic/claude-sonnet-4-5', false],
    ['openai', 'gpt-4o-mini', false],
  ])('%s %s: %s', (provider, model, expected) => {
    expect(isModelAllowed(RESTRICTED, { provider, model })).toBe(expected);
  });
});
