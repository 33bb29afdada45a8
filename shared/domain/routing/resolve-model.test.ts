import { expect, it } from 'vitest';
import type { TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import { closestModels, resolveModel } from './resolve-model.ts';

const POLICY_ID = '0192f0c1-2222-7000-8000-000000000001';
const SNAPSHOT = {
  routingPolicies: [{ id: POLICY_ID, name: 'cheapest', candidates: [] }],
  models: [
    { provider: 'mistral', model: 'shared' },
    { provider: 'openai', model: 'shared' },
    { provider: 'openai', model: 'gpt-6-luna' },
    { provider: 'anthropic', model: 'claude-haiku-4-5' },
  ],
} as unknown as TenantSnapshot;

const model = (provider: string, name: string) => ({ kind: 'model', name: { provider, model: name } });

it.each([
  ['claude-haiku-4-5', model('anthropic', 'claude-haiku-4-5')],
  ['anthropic/claude-haiku-4-5', model('anthropic', 'claude-haiku-4-5')],
  ['mistral/shared', model('mistral', 'shared')],
  ['shared', model('openai', 'shared')],
  ['openai-compatible/meta-llama/Llama-4', model('openai-compatible', 'meta-llama/Llama-4')],
  ['cheapest', { kind: 'policy', id: POLICY_ID }],
  [POLICY_ID, { kind: 'policy', id: POLICY_ID }],
  ['meta-llama/Llama-4', null],
  ['gpt-6', null],
  ['', null],
])('reads "%s"', (word, expected) => {
  expect(resolveModel(SNAPSHOT, word)).toEqual(expected);
});

it('knows which models a mistyped one is like', () => {
  expect(closestModels(SNAPSHOT, 'claude-haiku-45')[0]).toBe('claude-haiku-4-5');
  expect(closestModels(SNAPSHOT, 'qq')).toEqual([]);
});
