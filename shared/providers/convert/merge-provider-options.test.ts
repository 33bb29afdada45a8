import { expect, it } from 'vitest';
import { mergeProviderOptions } from './merge-provider-options.ts';

const BODY = { contents: ['a'], tools: [{ ours: 1 }], generationConfig: { maxOutputTokens: 5, topK: 1 } };
const KEPT = ['contents', 'generationconfig.maxoutputtokens'];

it('merges objects, lets lists grow and replaces the rest, for the one vendor', () => {
  const google = { tools: [{ theirs: 1 }], generationConfig: { topK: 2, seed: 3 }, store: false, labels: { a: 'b' } };
  const merged = mergeProviderOptions(BODY, 'google', { providerOptions: { google, openai: { n: 2 } } }, KEPT);
  expect(merged).toEqual({
    body: {
      contents: ['a'],
      tools: [{ ours: 1 }, { theirs: 1 }],
      generationConfig: { maxOutputTokens: 5, topK: 2, seed: 3 },
      store: false,
      labels: { a: 'b' },
    },
    warnings: [],
  });
});

it('lets nothing through to what is kept, in neither spelling and at no depth', () => {
  const google = {
    Contents: ['b'],
    generationConfig: { maxOutputTokens: 9, max_output_tokens: 9 },
    generation_config: { max_output_tokens: 9, seed: 1 },
  };
  const { body, warnings } = mergeProviderOptions(BODY, 'google', { providerOptions: { google } }, KEPT);
  expect(body).toEqual({ ...BODY, generation_config: { seed: 1 } });
  expect(warnings).toEqual(
    [
      'Contents',
      'generationConfig.maxOutputTokens',
      'generationConfig.max_output_tokens',
      'generation_config.max_output_tokens',
    ].map((name) => `providerOptions.google.${name} was ignored: the platform sets it`),
  );
});

it('changes no prototype', () => {
  const google = JSON.parse('{"__proto__":{"polluted":true},"generationConfig":{"__proto__":{"polluted":true}}}');
  const { body } = mergeProviderOptions(BODY, 'google', { providerOptions: { google } }, KEPT);
  expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
  expect(Object(body.generationConfig).polluted).toBeUndefined();
});
