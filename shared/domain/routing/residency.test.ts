import { describe, expect, it } from 'vitest';
import { chatFacts, offer, policyWith, routingTenant } from '../../../test/harness/routing-tenant.ts';
import { seededRandom } from '../../../test/harness/seeded-random.ts';
import { GUARANTEES, REQUIRED_GUARANTEES, type SnapshotResidencyPolicy } from '../../contracts/residency.ts';
import type { SnapshotProviderAccount, TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import { CANDIDATE_FILTERS, type CandidateFilter, withinResidency } from './candidate-filters.ts';
import { compilePolicy } from './compile-policy.ts';
import { canConform, knowsResidency, verdictOf } from './residency.ts';
import { routeRequest } from './route-request.ts';

const INSTANCES = 100_000;
/** Many instances take their time on a busy machine. */
const PATIENCE_MS = 120_000;

const LUNA = { provider: 'openai', model: 'gpt-6-luna' } as const;
const OPUS = { provider: 'anthropic', model: 'claude-opus-5' } as const;
const MINISTRAL = { provider: 'mistral', model: 'mistral-small-2603' } as const;
const SONAR = { provider: 'perplexity', model: 'sonar' } as const;
const OWN = { provider: 'openai-compatible', model: 'own' } as const;
const MODELS = [LUNA, OPUS, MINISTRAL, SONAR, OWN];

/** Accounts, and where each is in truth, written down by hand: what the code says of it is not asked. */
const ACCOUNTS = (
  [
    ['openai', null, undefined, null, 'none'],
    ['openai', null, 'eu', 'eu', 'documented'],
    ['openai', 'https://us.api.openai.com/v1', 'us', 'us', 'documented'],
    ['openai', 'https://api.openai.com/v1', 'eu', null, 'none'],
    ['anthropic', null, undefined, null, 'none'],
    ['anthropic', null, 'us', 'us', 'documented'],
    ['anthropic', null, 'eu', null, 'none'],
    ['mistral', null, 'eu', 'eu', 'documented'],
    ['mistral', null, undefined, null, 'none'],
    ['perplexity', null, 'eu', null, 'none'],
    ['openai-compatible', 'https://one.example.com', 'eu', 'eu', 'declared'],
    ['openai-compatible', 'https://two.example.com', 'us', 'us', 'declared'],
    ['openai-compatible', 'https://three.example.com', undefined, null, 'none'],
  ] as const
).map(([provider, baseUrl, region, trueRegion, guarantee], index) => {
  const sealed = { label: `account ${index}`, sealedCredentials: 'sealed' };
  const account = { id: `${index}`, provider, baseUrl, ...sealed, ...(region && { region }) };
  return { account: account as SnapshotProviderAccount, trueRegion, guarantee };
});

const POLICIES: readonly SnapshotResidencyPolicy[] = (['eu', 'us'] as const).flatMap((region) =>
  [true, false].flatMap((enforced) =>
    REQUIRED_GUARANTEES.map((minimumGuarantee) => ({
      id: `${region} ${minimumGuarantee}`,
      region,
      enforced,
      minimumGuarantee,
    })),
  ),
);

interface Instance {
  readonly tenant: TenantSnapshot;
  readonly strategy: object;
  readonly preferred: readonly (typeof MODELS)[number][];
  readonly random: number;
}

function instanceOf(random: () => number): Instance {
  const some = <T>(all: readonly T[], most: number) =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, () => all[Math.floor(random() * all.length)] as T);
  const accounts = [...new Set(some(ACCOUNTS, 6))].map(({ account }) => account);
  const policies = [...new Map(some(POLICIES, 2).map((policy) => [policy.region, policy])).values()];
  const candidates = () =>
    some(MODELS, 4).map((model) => ({
      ...model,
      weight: 1 + random(),
      ...(random() < 0.2 && { region: random() < 0.5 ? 'eu' : 'us' }),
      ...(random() < 0.2 && { account: `account ${Math.floor(random() * ACCOUNTS.length)}` }),
    }));
  const strategy = ['priority', 'weighted', 'cost', 'latency', 'sla'][Math.floor(random() * 5)];
  return {
    tenant: routingTenant({
      providerAccounts: accounts,
      residencyPolicies: policies,
      models: [
        offer('openai', LUNA.model, 3),
        offer('anthropic', OPUS.model, 9),
        ...[MINISTRAL, SONAR].map((m) => offer(m.provider, m.model, 1)),
      ],
    }),
    strategy: { strategy, candidates: [MINISTRAL, ...candidates()], fallbacks: candidates() },
    preferred: some(MODELS, 2),
    random: random(),
  };
}

/** Candidates that are taken and may not be, by the truth about each account. */
function outsideOf({ tenant, strategy, preferred, random }: Instance, filters: readonly CandidateFilter[]): string[] {
  const policy = policyWith({ ...strategy });
  const own = policyWith({ candidates: preferred.length > 0 ? preferred : [LUNA] });
  const compiled = compilePolicy(policy, tenant, () => () => true);
  const { otherwise } = compilePolicy(own, tenant, () => () => true);
  const { taken } = routeRequest({
    preferred: preferred.length > 0 ? otherwise.entries : [],
    policy: compiled,
    facts: chatFacts({ random, residencyPolicies: tenant.residencyPolicies }),
    conditionFacts: [],
    filters,
  });
  const enforced = (tenant.residencyPolicies ?? []).filter((each) => each.enforced);
  if (enforced.length === 0) return [];
  return taken.flatMap(({ candidate }) => {
    const truth = ACCOUNTS.find(({ account }) => account.id === candidate.account.id);
    const conforms = enforced.some(
      (each) =>
        truth?.trueRegion === each.region &&
        GUARANTEES.indexOf(truth.guarantee) >= GUARANTEES.indexOf(each.minimumGuarantee),
    );
    return conforms ? [] : [`${candidate.account.label} of ${candidate.offer.provider}`];
  });
}

function countOutside(instances: number, filters: readonly CandidateFilter[]) {
  const random = seededRandom(9);
  let outside = 0;
  for (let at = 0; at < instances; at++) {
    outside += outsideOf(instanceOf(random), filters).length;
  }
  return outside;
}

describe('a route under residency policies', () => {
  it(`has no candidate outside them, of ${INSTANCES} random tenants, policies and requests`, {
    timeout: PATIENCE_MS,
  }, () => {
    expect(countOutside(INSTANCES, CANDIDATE_FILTERS)).toBe(0);
  });

  it('would have some without the filter (control)', () => {
    const without = CANDIDATE_FILTERS.filter((filter) => filter !== withinResidency);
    expect(without).toHaveLength(CANDIDATE_FILTERS.length - 1);
    expect(countOutside(1_000, without)).toBeGreaterThan(100);
  });

  it('prefers the account that conforms to one that comes first', () => {
    const [global, european] = ACCOUNTS.map(({ account }) => account);
    const eu: SnapshotResidencyPolicy = { id: 'eu', region: 'eu', enforced: true, minimumGuarantee: 'documented' };
    const tenant = routingTenant({
      providerAccounts: [global, european].filter((each) => each !== undefined),
      models: [offer('openai', LUNA.model, 3)],
      residencyPolicies: [eu],
    });
    const taken = compilePolicy(policyWith({ candidates: [LUNA] }), tenant, () => () => true).otherwise.entries;
    expect(taken.map(({ candidate }) => candidate.endpoint.baseUrl)).toEqual(['https://eu.api.openai.com/v1']);
  });
});

describe('policies', () => {
  const eu = (change: Partial<SnapshotResidencyPolicy> = {}): SnapshotResidencyPolicy => ({
    ...{ id: 'eu', region: 'eu', enforced: true, minimumGuarantee: 'documented' },
    ...change,
  });
  const us = eu({ id: 'us', region: 'us' });
  const at = (region: 'eu' | 'us' | null, guarantee: (typeof GUARANTEES)[number]) => ({ region, guarantee });

  it('judge an endpoint by region and guarantee; several allow what one of them does', () => {
    expect(verdictOf([], at(null, 'none'))).toBe('unrestricted');
    expect(verdictOf([eu()], at('eu', 'documented'))).toBe('inside');
    expect(verdictOf([eu()], at('eu', 'declared'))).toBe('outside');
    expect(verdictOf([eu({ minimumGuarantee: 'contractual' })], at('eu', 'documented'))).toBe('outside');
    expect(verdictOf([eu()], at('us', 'documented'))).toBe('outside');
    expect(verdictOf([eu(), us], at('us', 'documented'))).toBe('inside');
    expect(verdictOf([eu({ enforced: false })], at(null, 'none'))).toBe('outside');
  });

  it('are known to be none, or not known at all, which allows nothing', () => {
    const tenant = routingTenant();
    const { residencyPolicies: _, ...rest } = tenant;
    const unread = rest as TenantSnapshot;
    expect([tenant, { ...tenant, residencyPolicies: null }, unread].map(knowsResidency)).toEqual([true, false, false]);
    expect(canConform(tenant)).toBe(true);
    expect(canConform({ ...tenant, residencyPolicies: null })).toBe(false);
    expect(canConform(unread)).toBe(false);
  });

  it('cannot be met by a tenant whose accounts are all elsewhere', () => {
    const models = [offer('openai', LUNA.model, 3), offer('mistral', MINISTRAL.model, 1)];
    const tenantOf = (...labels: readonly string[]) =>
      routingTenant({
        providerAccounts: ACCOUNTS.map(({ account }) => account).filter(({ label }) => labels.includes(label)),
        ...{ models, residencyPolicies: [eu({ minimumGuarantee: 'declared' })] },
      });
    expect(canConform(tenantOf('account 0', 'account 9'))).toBe(false);
    expect(canConform(tenantOf('account 0', 'account 7'))).toBe(true);
    expect(canConform(tenantOf('account 10'))).toBe(true);
  });
});
