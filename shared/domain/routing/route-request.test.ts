import { describe, expect, it } from 'vitest';
import { chatFacts, type Facts, offer, policyWith, routingTenant } from '../../../test/harness/routing-tenant.ts';
import type { ModelName } from './candidate.ts';
import { resolveCandidate } from './candidate.ts';
import { compilePolicy, type Entry } from './compile-policy.ts';
import { ATTEMPTS_MAX, type Route, routeRequest, withoutOthers } from './route-request.ts';

const LARGE = { provider: 'openai', model: 'large' } as const;
const SMALL = { provider: 'openai', model: 'small' } as const;
const CLAUDE = { provider: 'anthropic', model: 'claude' } as const;
const TENANT = routingTenant();

/** Conditions of these tests are names of facts. */
const readCondition = (text: string) => (facts: readonly string[]) => facts.includes(text);

function entry(name: ModelName, weight = 1): Entry {
  const resolved = resolveCandidate(TENANT, name);
  if (!resolved.ok) throw new Error(resolved.error);
  return { candidate: resolved.value, weight };
}

interface Play {
  readonly facts?: Partial<Facts>;
  readonly conditions?: readonly string[];
  readonly preferred?: readonly Entry[];
}

function route(strategy: object | null, { facts = {}, conditions = [], preferred = [] }: Play = {}): Route {
  const policy = strategy && compilePolicy(policyWith(strategy), TENANT, readCondition);
  return routeRequest({ preferred, policy, facts: chatFacts(facts), conditionFacts: conditions });
}

const names = ({ taken }: Route) => taken.map(({ candidate: { account, offer } }) => `${account.label}/${offer.model}`);
const lefts = ({ left }: Route) => left.map(({ model, reason }) => `${model}: ${reason}`);

describe('a route', () => {
  it('is in the order of weights, and of the list where they are equal', () => {
    const heavy = { ...SMALL, weight: 3 };
    expect(names(route({ candidates: [LARGE, CLAUDE, heavy] }))).toEqual(['main/small', 'main/large', 'claude/claude']);
  });

  it('goes by the account or the region that is named', () => {
    const candidates = [
      { ...LARGE, account: 'europe' },
      { ...SMALL, region: 'eu' },
      { ...CLAUDE, region: 'eu' },
    ];
    const decided = route({ candidates: [...candidates, { ...SMALL, account: 'nobody' }, { ...SMALL, model: 'x' }] });
    expect(names(decided)).toEqual(['europe/large', 'europe/small']);
    expect(lefts(decided)).toEqual(['claude: region_mismatch', 'small: no_account', 'x: unknown_model']);
  });

  it('takes what the request prefers first, then the policy’s, each once, then its fallbacks', () => {
    const preferred = [entry(CLAUDE, 1), entry(SMALL, 2)];
    const fallbacks = [{ provider: 'openai-compatible', model: 'any' }, CLAUDE];
    const decided = route({ candidates: [SMALL, LARGE], fallbacks }, { preferred });
    expect(names(decided)).toEqual(['main/small', 'claude/claude', 'main/large', 'own/any']);
    expect(decided.taken.map(({ reason }) => reason)).toEqual(['preferred', 'preferred', 'priority', 'fallback']);
  });

  it('has so many candidates and no more', () => {
    const candidates = Array.from({ length: 9 }, (_, index) => ({ provider: 'openai-compatible', model: `m${index}` }));
    const decided = route({ candidates });
    expect(names(decided)).toHaveLength(ATTEMPTS_MAX);
    expect(decided.left.map(({ reason }) => reason)).toEqual(Array(9 - ATTEMPTS_MAX).fill('beyond_attempts'));
  });

  it('follows the first rule that fits, into its rules, and past those of which none does', () => {
    const strategy = {
      candidates: [LARGE],
      rules: [
        { when: 'a', rules: [{ when: 'b', use: { candidates: [SMALL] } }] },
        { when: 'a', use: { candidates: [CLAUDE] } },
      ],
    };
    const decided = (...conditions: string[]) => {
      const { rule, ...rest } = route(strategy, { conditions });
      return [rule, ...names({ rule, ...rest })];
    };
    expect(decided('a', 'b')).toEqual(['/rules/0/rules/0', 'main/small']);
    expect(decided('a')).toEqual(['/rules/1', 'claude/claude']);
    expect(decided('b')).toEqual([null, 'main/large']);
  });

  it.each<[string, Partial<Facts>]>([
    ['model_not_allowed', { isAllowed: ({ model }) => model !== 'large' }],
    ['task_not_served', { capabilitiesOf: lacking('servesTask') }],
    ['stream_not_served', { isStream: true, capabilitiesOf: lacking('streamsTask') }],
    ['no_tools', { hasTools: true, capabilitiesOf: lacking('tools') }],
    ['no_vision', { hasImages: true, capabilitiesOf: lacking('vision') }],
    ['no_files', { hasFiles: true, capabilitiesOf: lacking('files') }],
    ['no_structured_output', { wantsJson: true, capabilitiesOf: lacking('structuredOutput') }],
  ])('leaves with %s what cannot do it, and takes it where that is not asked', (reason, facts) => {
    const decided = route({ candidates: [LARGE, SMALL] }, { facts });
    expect([names(decided), lefts(decided)]).toEqual([['main/small'], [`large: ${reason}`]]);
    const { capabilitiesOf } = facts;
    const plain = capabilitiesOf && reason !== 'task_not_served' ? { capabilitiesOf } : {};
    expect(names(route({ candidates: [LARGE, SMALL] }, { facts: plain }))).toEqual(['main/large', 'main/small']);
  });

  it('leaves what the context of a model is too short for', () => {
    const short = { ...offer('openai', 'small', 1), contextTokens: 199 };
    const tenant = routingTenant({ models: [short, offer('openai', 'large', 1)] });
    const policy = compilePolicy(policyWith({ candidates: [SMALL, LARGE] }), tenant, readCondition);
    const decided = routeRequest({ preferred: [], policy, facts: chatFacts(), conditionFacts: [] });
    expect([names(decided), lefts(decided)]).toEqual([['main/large'], ['small: context_too_long']]);
  });

  it('asks a filter that is added', () => {
    const policy = compilePolicy(policyWith({ candidates: [LARGE, SMALL] }), TENANT, readCondition);
    const onlySmall = ({ offer }: { offer: ModelName }) =>
      offer.model === 'small' ? null : ('region_mismatch' as const);
    const input = { preferred: [], policy, facts: chatFacts(), conditionFacts: [], filters: [onlySmall] };
    expect(names(routeRequest(input))).toEqual(['main/small']);
  });

  it('leaves open circuits alone, unless there is nothing else', () => {
    const facts = { mayCall: ({ offer }: { offer: ModelName }) => offer.model !== 'large' };
    const decided = route({ candidates: [LARGE, SMALL] }, { facts });
    expect([names(decided), lefts(decided)]).toEqual([['main/small'], ['large: circuit_open']]);
    expect(names(route({ candidates: [LARGE, SMALL] }, { facts: { mayCall: () => false } }))).toHaveLength(2);
  });

  it('says when a second call begins beside the first, where the policy asks for it and there is a second', () => {
    const facts = { performanceOf: () => ({ p50Ms: 300, p95Ms: 900, errorRate: 0 }) };
    const hedgeAfter = (hedge: object | undefined, candidates: object[], play: Play = { facts }) =>
      route({ candidates, ...(hedge && { hedge }) }, play).hedgeAfterMs;
    expect(hedgeAfter(undefined, [LARGE, SMALL])).toBeNull();
    expect(hedgeAfter({ afterMs: 70 }, [LARGE, SMALL])).toBe(70);
    expect(hedgeAfter({ afterMs: 70 }, [LARGE])).toBeNull();
    expect([0.5, 0.95].map((afterQuantile) => hedgeAfter({ afterQuantile }, [LARGE, SMALL]))).toEqual([300, 900]);
    expect(hedgeAfter({ afterQuantile: 0.95 }, [LARGE, SMALL], {})).toBeNull();
  });

  it('ends where limits have no room for more', () => {
    const decided = withoutOthers(route({ candidates: [LARGE, SMALL, CLAUDE] }), 1);
    expect([names(decided), lefts(decided)]).toEqual([['main/large', 'main/small'], ['claude: over_limit']]);
  });
});

/** What `large` lacks, and nobody else. */
function lacking(what: keyof ReturnType<Facts['capabilitiesOf']>): Facts['capabilitiesOf'] {
  return (model) => ({ ...chatFacts().capabilitiesOf(model), ...(model.model === 'large' && { [what]: false }) });
}
