import { describe, expect, it } from 'vitest';
import { type ConditionFacts, compileCondition, faultOfCondition } from './condition.ts';

const FACTS: ConditionFacts = {
  request: { taskType: 'chat', stream: true, hasTools: false, hasImages: true, hasFiles: false, wantsJson: false },
  metadata: { feature: 'greeting', priority: 3n, share: 0.5, tags: ['a', 'b'], deep: { list: [1n, 2n] } },
  tenant: { id: 't', plan: 'pro', region: 'eu', environment: 'live', environmentType: 'prod' },
  time: { date: '2026-11-30', weekday: 1n, hour: 9n, minute: 30n },
  tokens: { input: 1_200n, output: 4_096n },
};

describe('a condition', () => {
  it.each([
    ['request.taskType == "chat" && request.stream', true],
    ['request.hasTools || request.hasFiles', false],
    ['metadata.feature == "greeting"', true],
    ['metadata.priority + 1 == 4', true],
    ['metadata.share < 0.6 && metadata.priority > 2.5', true],
    ['"b" in metadata.tags', true],
    ['metadata.tags.exists(tag, tag.startsWith("b"))', true],
    ['size(metadata.deep.list) == 2', true],
    ['has(metadata.nothing)', false],
    ['tenant.plan == "pro" && tenant.environmentType == "prod"', true],
    ['time.weekday < 6 && time.hour >= 9 && time.date > "2026-01-01"', true],
    ['tokens.input + tokens.output > 5000', true],
  ])('%s is %s', (text, expected) => {
    expect(faultOfCondition(text)).toBeNull();
    expect(compileCondition(text)(FACTS)).toBe(expected);
  });

  it.each([
    ['what is not there', 'metadata.nothing == 1'],
    ['another type than there is', 'metadata.feature + 1 == 2'],
    ['a number from a text that has none', 'int(metadata.feature) == 1'],
  ])('that asks for %s is false', (_name, text) => {
    expect(faultOfCondition(text)).toBeNull();
    expect(compileCondition(text)(FACTS)).toBe(false);
  });

  it.each([
    ['no CEL', 'request.stream &&', /./],
    ['an unknown variable', 'user.name == "x"', /user/],
    ['an unknown field', 'request.streem', /streem/],
    ['types that do not fit', 'tokens.input == "many"', /./],
    ['an int where a double is', 'tokens.input + 1.5 > 2.0', /./],
    ['no truth', 'tokens.input + 1', /must be true or false/],
    ['what may be anything', 'metadata.flag', /must be true or false/],
    ['a regular expression', 'metadata.feature.matches("^(a+)+$")', /matches/],
    ['a loop in a loop', '[1].all(x, [2].exists(y, y == x))', /within another loop/],
    ['a list that is made', 'metadata.tags.map(x, x).size() > 1', /map/],
    ['a name that doubles', 'cel.bind(a, "x" + "x", a == a)', /bind/],
    ['great depth', `${'('.repeat(40)}true${')'.repeat(40)} && ${'!'.repeat(40)}true`, /./],
    ['great length', Array.from({ length: 120 }, () => 'request.stream').join(' && '), /./],
  ])('with %s is refused', (_name, text, fault) => {
    expect(faultOfCondition(text)).toMatch(fault);
    expect(compileCondition(text)(FACTS)).toBe(false);
  });

  it('reads only what it names', () => {
    const facts = {
      ...FACTS,
      get tokens(): ConditionFacts['tokens'] {
        throw new Error('was not asked for');
      },
    };
    expect(compileCondition('request.stream')(facts)).toBe(true);
    expect(compileCondition('tokens.input > 0')(facts)).toBe(false);
  });
});
