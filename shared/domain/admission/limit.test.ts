import { expect, it } from 'vitest';
import { API_KEY, budget, ENVIRONMENT, holdOf, rate, tenantWith, USD } from '../../../test/harness/admission-tenant.ts';
import { limitsFor, limitsOf } from './limit.ts';

const NEWEST = '01990000-0000-7000-8000-0000000000c0';
const OTHER = '01990000-0000-7000-8000-0000000000c1';
const key = (id: string, more = {}) => ({ id, environmentId: ENVIRONMENT, hash: id, scopes: [], ...more });

it('the limits of a key bind those that it replaced, and no other', () => {
  const rules = {
    budgets: [budget({ scope: { apiKeyId: NEWEST } })],
    rateLimits: [rate({ apiKeyId: NEWEST, maxRequests: 5 })],
  };
  const limitedIn = (snapshot: ReturnType<typeof tenantWith>, apiKeyId: string | null) =>
    limitsFor(limitsOf(snapshot), holdOf('request', USD, { apiKeyId }))
      .map(({ kind }) => kind)
      .toSorted();
  const rotated = tenantWith({ ...rules, apiKeys: [key(API_KEY, { limitedAs: NEWEST }), key(NEWEST), key(OTHER)] });
  for (const id of [API_KEY, NEWEST]) expect(limitedIn(rotated, id)).toEqual(['budget', 'rate_limit', 'tenant']);
  for (const id of [OTHER, null]) expect(limitedIn(rotated, id)).toEqual(['tenant']);
  // Control: without the word of which key replaces which, the old one is free of its limits.
  expect(limitedIn(tenantWith({ ...rules, apiKeys: [key(API_KEY), key(NEWEST)] }), API_KEY)).toEqual(['tenant']);
});
