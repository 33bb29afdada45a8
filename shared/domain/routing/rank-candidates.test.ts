import { describe, expect, it } from 'vitest';
import { account, chatFacts, offer } from '../../../test/harness/routing-tenant.ts';
import { seededRandom } from '../../../test/harness/seeded-random.ts';
import type { Performance } from '../../contracts/provider-health.ts';
import type { ModelOffer, PriceComponent } from '../../contracts/tenant-snapshot.ts';
import type { Entry } from './compile-policy.ts';
import { endpointOf } from './endpoint-of.ts';
import { type Ranked, rankCandidates } from './rank-candidates.ts';

/** Many draws and instances take their time on a busy machine. */
const PATIENCE_MS = 60_000;
const DRAWS = 100_000;
const INSTANCES = 10_000;

function candidateOf(offered: ModelOffer): Entry['candidate'] {
  const own = account('openai', 'a');
  return { name: offered.model, account: own, offer: offered, endpoint: endpointOf(own, offered.model) };
}

function entry(model: string, weight: number, components: PriceComponent[] = []): Entry {
  return { candidate: candidateOf({ ...offer('openai', model), components }), weight };
}

const models = (ranked: readonly Ranked[]) => ranked.map(({ candidate }) => candidate.offer.model);

type Rank = typeof rankCandidates;

/** The greatest difference between how often a model is drawn and its share of the weights. */
function greatestError(weights: readonly number[], rank: Rank): number {
  const entries = weights.map((weight, index) => entry(`m${index}`, weight));
  const random = seededRandom(7);
  const drawn = new Map<string, number>();
  for (let draw = 0; draw < DRAWS; draw++) {
    const [first = ''] = models(rank(entries, { strategy: 'weighted' }, chatFacts({ random: random() })));
    drawn.set(first, (drawn.get(first) ?? 0) + 1);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Math.max(...weights.map((weight, index) => Math.abs((drawn.get(`m${index}`) ?? 0) / DRAWS - weight / total)));
}

describe('weighted for sessions', { timeout: PATIENCE_MS }, () => {
  const entries = [1, 2, 3, 4].map((weight, index) => entry(`m${index}`, weight));
  const orderFor = (session: string | null, of: readonly Entry[] = entries, random = 0) =>
    models(
      rankCandidates(of, { strategy: 'weighted', stickyBy: 'prompt' }, chatFacts({ random, sessionOf: () => session })),
    );
  const sessions = Array.from({ length: DRAWS }, (_, at) => `session ${at}`);

  it('always has the same order for one, whatever the draw and the order of the list', () => {
    const random = seededRandom(3);
    for (const session of sessions.slice(0, 1_000)) {
      const order = orderFor(session);
      expect(orderFor(session, entries.toReversed(), random())).toEqual(order);
    }
  });

  it('control: without a session each request is drawn by itself', () => {
    const random = seededRandom(3);
    expect(new Set(Array.from({ length: 100 }, () => orderFor(null, entries, random())[0])).size).toBe(4);
  });

  it('draws by the weights, within a hundredth over 100,000 sessions', () => {
    const firsts = sessions.map((session) => orderFor(session)[0]);
    for (const [index, { weight }] of entries.entries()) {
      const share = firsts.filter((first) => first === `m${index}`).length / DRAWS;
      expect(Math.abs(share - weight / 10)).toBeLessThan(0.01);
    }
  });

  it('moves only the sessions of a candidate that leaves, each to its second', () => {
    const without = entries.filter(({ weight }) => weight !== 3);
    for (const session of sessions.slice(0, 1_000)) {
      expect(orderFor(session, without)).toEqual(orderFor(session).filter((model) => model !== 'm2'));
    }
  });
});

describe('weighted', { timeout: PATIENCE_MS }, () => {
  it.each([[[1, 1]], [[1, 2, 3, 4]], [[0.5, 0.001, 7]], [Array.from({ length: 10 }, (_, index) => index + 1)]])(
    'draws by the weights %j, within a hundredth over 100,000 draws',
    (weights) => {
      expect(greatestError(weights, rankCandidates)).toBeLessThan(0.01);
    },
  );

  it('control: a draw that forgets the weights is found out', () => {
    const unweighted: Rank = (entries, outcome, facts) =>
      rankCandidates(
        entries.map((each) => ({ ...each, weight: 1 })),
        outcome,
        facts,
      );
    expect(greatestError([1, 2, 3, 4], unweighted)).toBeGreaterThan(0.01);
  });

  it('puts the others behind by weight, and takes the last where rounding leaves a rest', () => {
    const entries = [entry('a', 1), entry('b', 3), entry('c', 2)];
    expect(models(rankCandidates(entries, { strategy: 'weighted' }, chatFacts({ random: 0.99 })))).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(models(rankCandidates(entries, { strategy: 'weighted' }, chatFacts({ random: 0.1 })))).toEqual([
      'b',
      'c',
      'a',
    ]);
    expect(models(rankCandidates(entries, { strategy: 'weighted' }, chatFacts({ random: 1 })))[0]).toBe('a');
  });
});

/** Prices in tiers, as a vendor's list has them. */
function randomPrices(random: () => number): PriceComponent[] {
  const price = (kind: PriceComponent['kind'], fromInputTokens: number): PriceComponent => ({
    ...{ kind, fromInputTokens, picoUsdPerUnit: String(Math.floor(random() * 1_000_000)) },
  });
  if (random() < 0.1) return [];
  const tiers = [0, ...(random() < 0.5 ? [50_000] : [])];
  return [
    ...tiers.flatMap((from) => [price('input', from), price('output', from)]),
    ...(random() < 0.3 ? [price('request', 0)] : []),
    ...(random() < 0.5 ? tiers.map((from) => price('cached_input', from)) : []),
  ];
}

/**
 * The cheapest price that any candidate has, by a sum that is written out: the tier that the input reaches, what of it is in
 * the prompt cache where that has a price, and the request.
 */
function bruteForce(
  entries: readonly Entry[],
  { input, output }: { input: number; output: number },
  shareOf: (candidate: Entry['candidate']) => number,
): bigint | null {
  const costs = entries.flatMap(({ candidate }) => {
    const { components } = candidate.offer;
    if (components.length === 0) return [];
    const priceOf = (kind: string) => {
      const reached = components.filter((component) => component.kind === kind && component.fromInputTokens <= input);
      return BigInt(reached.sort((one, other) => other.fromInputTokens - one.fromInputTokens)[0]?.picoUsdPerUnit ?? 0);
    };
    const hasCachedPrice = components.some((component) => component.kind === 'cached_input');
    const cached = hasCachedPrice ? Math.floor(input * shareOf(candidate)) : 0;
    const inputs = BigInt(input - cached) * priceOf('input') + BigInt(cached) * priceOf('cached_input');
    return [inputs + BigInt(output) * priceOf('output') + priceOf('request')];
  });
  return costs.reduce<bigint | null>((least, cost) => (least === null || cost < least ? cost : least), null);
}

/** Instances in which what is ranked first is not the cheapest. */
function misses(rank: Rank): number {
  const random = seededRandom(11);
  let missed = 0;
  for (let instance = 0; instance < INSTANCES; instance++) {
    const entries = Array.from({ length: 1 + Math.floor(random() * 12) }, (_, index) =>
      entry(`m${index}`, 1 + random(), randomPrices(random)),
    );
    const tokens = { input: Math.floor(random() * 100_000), output: Math.floor(random() * 8_000) };
    const shares = new Map(entries.map(({ candidate }) => [candidate, random() < 0.3 ? 0 : random()]));
    const cachedShareOf = (candidate: Entry['candidate']) => shares.get(candidate) ?? 0;
    const [first] = rank(entries, { strategy: 'cost' }, chatFacts({ tokens, cachedSharesFor: () => cachedShareOf }));
    const least = bruteForce(entries, tokens, cachedShareOf);
    if (least !== bruteForce(first ? [first] : [], tokens, cachedShareOf)) missed++;
  }
  return missed;
}

describe('cost', { timeout: PATIENCE_MS }, () => {
  it('is the optimum that trying all finds, in 10,000 random instances', () => {
    expect(misses(rankCandidates)).toBe(0);
  });

  it('control: an order that looks at the price of the input alone is found out', () => {
    const byInput: Rank = (entries, outcome, facts) =>
      rankCandidates(entries, outcome, { ...facts, tokens: { ...facts.tokens, output: 0 } });
    expect(misses(byInput)).toBeGreaterThan(100);
  });

  it('control: an order that knows nothing of prompt caches is found out', () => {
    const uncached: Rank = (entries, outcome, facts) =>
      rankCandidates(entries, outcome, { ...facts, cachedSharesFor: () => () => 0 });
    expect(misses(uncached)).toBeGreaterThan(100);
  });

  it('tells costs apart that are too great for numbers to', () => {
    const [least, more] = [2n ** 53n, 2n ** 53n + 1n];
    expect(Number(least)).toBe(Number(more));
    const priced = (price: bigint) => [
      { kind: 'input' as const, picoUsdPerUnit: price.toString(), fromInputTokens: 0 },
    ];
    const entries = [entry('more', 3, priced(more)), entry('one', 2, priced(1n)), entry('least', 1, priced(least))];
    const facts = chatFacts({ tokens: { input: 1, output: 1 } });
    expect(models(rankCandidates(entries, { strategy: 'cost' }, facts))).toEqual(['one', 'least', 'more']);
  });

  it('asks for the cache of the session that the policy has requests belong to', () => {
    const asked: (string | null)[] = [];
    const facts = chatFacts({
      sessionOf: (stickyBy) => `session by ${stickyBy}`,
      cachedSharesFor: (session) => {
        asked.push(session);
        return () => 0;
      },
    });
    rankCandidates([entry('a', 1)], { strategy: 'cost', stickyBy: 'apiKey' }, facts);
    rankCandidates([entry('a', 1)], { strategy: 'cost' }, facts);
    expect(asked).toEqual(['session by apiKey', null]);
  });

  it('puts what has no price last', () => {
    const entries = [
      entry('unpriced', 9),
      { ...entry('priced', 1), candidate: { ...entry('', 1).candidate, offer: offer('openai', 'priced', 5) } },
    ];
    expect(models(rankCandidates(entries, { strategy: 'cost' }, chatFacts()))).toEqual(['priced', 'unpriced']);
  });
});

const measured = (byModel: Record<string, Partial<Performance>>) =>
  chatFacts({
    performanceOf: ({ offer: { model } }) => ({ p50Ms: null, p95Ms: null, errorRate: null, ...byModel[model] }),
  });

describe('latency', () => {
  it('is the fastest first, behind those that were not measured, before those that answer nothing', () => {
    const facts = measured({ dead: { errorRate: 1 }, slow: { p50Ms: 900 }, fast: { p50Ms: 30 } });
    const entries = [entry('dead', 9), entry('slow', 9), entry('fast', 1), entry('new', 1)];
    expect(models(rankCandidates(entries, { strategy: 'latency' }, facts))).toEqual(['new', 'fast', 'slow', 'dead']);
  });
});

describe('sla', () => {
  const priced = (model: string, price: number): Entry => ({
    candidate: candidateOf(offer('openai', model, price)),
    weight: 1,
  });

  it('is the cheapest that keeps the target, then the others by their speed', () => {
    const facts = measured({
      cheap: { p95Ms: 5_000, errorRate: 0 },
      flaky: { p95Ms: 100, errorRate: 0.2 },
      good: { p95Ms: 800, errorRate: 0.01 },
      dear: { p95Ms: 100, errorRate: 0 },
    });
    const entries = [priced('cheap', 1), priced('flaky', 2), priced('good', 3), priced('dear', 9)];
    const ranked = rankCandidates(entries, { strategy: 'sla', sla: { p95Ms: 1_000, maxErrorRate: 0.05 } }, facts);
    expect(ranked.map(({ candidate, reason }) => `${candidate.offer.model}: ${reason}`)).toEqual([
      ...['good: keeps_target', 'dear: keeps_target', 'flaky: misses_target', 'cheap: misses_target'],
    ]);
  });

  it('does not take one that answers nothing for one that is fast', () => {
    const facts = measured({ dead: { errorRate: 1 }, slow: { p95Ms: 5_000, errorRate: 0 } });
    const entries = [priced('dead', 1), priced('slow', 2), priced('new', 3)];
    const ranked = rankCandidates(entries, { strategy: 'sla', sla: { p95Ms: 1_000 } }, facts);
    expect(ranked.map(({ candidate, detail }) => `${candidate.offer.model}: ${detail?.().split(',')[0]}`)).toEqual([
      ...['new: not measured lately', 'slow: p95 5000 ms', 'dead: no answer lately'],
    ]);
  });
});
