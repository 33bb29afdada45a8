import OpenAI from 'openai';
import { expect } from 'vitest';
import { DEFAULT_MODELS } from '../../../shared/providers/default-models.ts';
import { HELLO } from '../../conformance/says.ts';
import { eventually } from '../../harness/eventually.ts';
import { query } from '../../harness/product.ts';
import { anthropic } from './anthropic-messages.ts';
import { lastSeen, type Target } from './feature.ts';
import { openAi } from './openai-chat.ts';
import { ASKS } from './vendor-says.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const USER = { role: 'user', content: ASKS.hello } as const;

/** What the tenant has, beside its accounts. */
interface Place {
  /** Name of a routing policy that chooses the target's model. */
  readonly policy: string;
  readonly databaseUrl: string;
}

interface Extra {
  readonly name: string;
  readonly run: (target: Target, place: Place) => Promise<void>;
}

/** Headers that an answer has and another API's does not. */
async function answerHeaders(target: Target): Promise<void> {
  const { response } = await openAi(target)
    .chat.completions.create({ model: target.model, messages: [USER], max_completion_tokens: 64 })
    .withResponse();
  expect(response.headers.get('x-eufm-provider')).toBe(target.provider);
  expect(response.headers.get('x-eufm-model')).toBe(target.model);
  expect(response.headers.get('x-eufm-request-id')).toMatch(UUID);
  expect(Number(response.headers.get('x-eufm-cost-usd'))).toBeGreaterThan(0);
  expect(response.headers.get('x-eufm-warnings')).toBeNull();
}

/** Anthropic's client shows the request's id where it shows that API's own. */
async function requestIds(target: Target): Promise<void> {
  const { response, request_id: id } = await anthropic(target)
    .messages.create({ model: target.model, max_tokens: 64, messages: [USER] })
    .withResponse();
  expect(id).toMatch(UUID);
  expect(response.headers.get('x-eufm-request-id')).toBe(id);
}

/** What was not set, and so was set here, is said. */
async function warnings(target: Target): Promise<void> {
  const { response } = await openAi(target)
    .chat.completions.create({ model: target.model, messages: [USER], service_tier: 'flex' })
    .withResponse();
  expect(JSON.parse(response.headers.get('x-eufm-warnings') ?? '')).toEqual([
    expect.stringContaining('max_completion_tokens was not set'),
    '/service_tier was ignored: it is not offered here',
  ]);
  expect(lastSeen(target).body).not.toHaveProperty('service_tier');
}

/** The user's own words about a request are kept with it. */
async function metadata(target: Target, { databaseUrl }: Place): Promise<void> {
  const { response } = await openAi(target)
    .chat.completions.create(
      { model: target.model, messages: [USER] },
      { headers: { 'X-Eufm-Metadata': JSON.stringify({ feature: 'greeting' }) } },
    )
    .withResponse();
  const id = response.headers.get('x-eufm-request-id');
  const find = () =>
    query<{ metadata: unknown; provider: string }>(
      databaseUrl,
      'select metadata, provider from requests where id = $1',
      [id],
    );
  const rows = await eventually(find, (found) => found.length > 0);
  expect(rows).toEqual([{ metadata: { feature: 'greeting' }, provider: target.provider }]);
}

/** A policy decides by its name, in place of the model or over it. */
async function policies(target: Target, { policy }: Place): Promise<void> {
  const asModel = openAi(target).chat.completions.create({ model: policy, messages: [USER] });
  const byHeader = openAi(target).chat.completions.create(
    { model: DEFAULT_MODELS.openai, messages: [USER] },
    { headers: { 'X-Eufm-Policy': policy } },
  );
  for (const asked of [asModel, byHeader]) {
    const { data, response } = await asked.withResponse();
    expect(data.choices[0]?.message.content).toBe(HELLO);
    expect(response.headers.get('x-eufm-provider')).toBe(target.provider);
    expect(response.headers.get('x-eufm-model')).toBe(target.model);
  }
  const ids: string[] = [];
  for await (const { id } of openAi(target).models.list()) ids.push(id);
  expect(ids).toContain(policy);
}

async function unknownPolicy(target: Target): Promise<void> {
  const refused = openAi(target).chat.completions.create(
    { model: target.model, messages: [USER] },
    { headers: { 'X-Eufm-Policy': 'no-such-policy' } },
  );
  await expect(refused).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  await expect(refused).rejects.toMatchObject({ status: 404, code: 'routing_policy_not_found' });
  expect(target.seen()).toEqual([]);
}

/** What the product adds to the APIs that it imitates, each tried once. */
export const EXTRAS: readonly Extra[] = [
  { name: 'an answer names its provider, model, cost and request', run: answerHeaders },
  { name: 'Anthropic’s client finds the request’s id in its usual place', run: requestIds },
  { name: 'what was asked for and not done is said in a header', run: warnings },
  { name: 'metadata is recorded with the request', run: metadata },
  { name: 'a routing policy is a model, and a header', run: policies },
  { name: 'an unknown routing policy is refused', run: unknownPolicy },
];
