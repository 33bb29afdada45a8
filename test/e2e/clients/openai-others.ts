import OpenAI from 'openai';
import { expect } from 'vitest';
import { HELLO } from '../../conformance/says.ts';
import { collectTexts, mapped } from './asked.ts';
import { CLIENT_PROVIDERS, type Feature, type Limit, lastSeen, type Target } from './feature.ts';
import { openAi } from './openai-chat.ts';
import { COMPLETION, vectorOf } from './vendor-plays.ts';
import { ASKS } from './vendor-says.ts';

/** Of OpenAI the one model that completes text itself; of the others a chat model. */
function completing({ provider, model }: Target) {
  return provider === 'openai'
    ? { model: 'gpt-3.5-turbo-instruct', text: COMPLETION, path: '/v1/completions' }
    : { model, text: HELLO, path: expect.not.stringContaining('/completions/') };
}

async function completions(target: Target): Promise<void> {
  const { model, text, path } = completing(target);
  const answer = await openAi(target).completions.create({ model, prompt: ASKS.hello });
  expect(answer).toMatchObject({ object: 'text_completion', choices: [{ text, finish_reason: 'stop' }] });
  expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  expect(lastSeen(target).path).toEqual(path);
}

async function completionStream(target: Target): Promise<void> {
  const { model, text } = completing(target);
  const chunks = await openAi(target).completions.create({ model, prompt: ASKS.hello, stream: true });
  expect((await collectTexts(mapped(chunks, ({ choices }) => choices[0]?.text))).text).toBe(text);
}

const TEXTS = ['a', 'four', 'sixteen letters!'];

async function embed(target: Target, more: { readonly encoding_format?: 'float' }): Promise<void> {
  const model = target.embeddingModel ?? target.model;
  const { data, usage } = await openAi(target).embeddings.create({ model, input: TEXTS, ...more });
  expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
  expect(data.map(({ embedding }) => embedding)).toEqual(TEXTS.map((text) => vectorOf(target.provider, text)));
  expect(usage).toEqual(target.provider === 'google' ? undefined : { prompt_tokens: 4, total_tokens: 4 });
}

/** What an embedding is where a provider has none: a clear refusal. */
export const noEmbeddings: Limit = {
  why: 'the provider has no embeddings: refused with `not_supported`',
  async instead(target) {
    const refused = openAi(target).embeddings.create({ model: target.model, input: 'a' });
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'not_supported' });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    expect(target.seen()).toEqual([]);
  },
};

type Notes = NonNullable<Feature['notes']>;

/** What a user must know of embeddings, whatever the client. */
export const EMBEDDING_NOTES: Notes = {
  perplexity: 'with a price of your own in `price_overrides`: the catalogue has none',
};

const USAGE_NOTES: Notes = { ...EMBEDDING_NOTES, google: 'without `usage`: the provider tells none' };

const CHAT_NOTES: Notes = Object.fromEntries(
  CLIENT_PROVIDERS.filter((provider) => provider !== 'openai').map((provider) => [provider, 'asked as a chat']),
);

async function listModels(target: Target): Promise<void> {
  const ids: string[] = [];
  for await (const { id, owned_by: owner } of openAi(target).models.list()) if (owner === target.provider) ids.push(id);
  expect(ids).toContain(target.model);
}

async function getModel(target: Target): Promise<void> {
  const client = openAi(target);
  const { provider, model } = target;
  expect(await client.models.retrieve(model)).toMatchObject({ id: model, object: 'model', owned_by: provider });
  expect(await client.models.retrieve(`${provider}/${model}`)).toMatchObject({ id: model });
}

async function prefixedModel(target: Target): Promise<void> {
  const { data, response } = await openAi(target)
    .chat.completions.create({
      model: `${target.provider}/${target.model}`,
      messages: [{ role: 'user', content: ASKS.hello }],
    })
    .withResponse();
  expect(data.choices[0]?.message.content).toBe(HELLO);
  expect(response.headers.get('x-eufm-provider')).toBe(target.provider);
}

async function cancel(target: Target): Promise<void> {
  const stream = await openAi(target).chat.completions.create({
    model: target.model,
    messages: [{ role: 'user', content: ASKS.slow }],
    stream: true,
  });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  expect(stream.controller.signal.aborted).toBe(true);
  expect(await lastSeen(target).ended).toBe('cut');
}

export const OTHER_OPENAI_FEATURES: readonly Feature[] = [
  { name: 'legacy completions', run: completions, notes: CHAT_NOTES },
  { name: 'legacy completions stream', run: completionStream, notes: CHAT_NOTES },
  {
    name: 'embeddings (base64, the client’s default)',
    run: (target) => embed(target, {}),
    limits: { anthropic: noEmbeddings },
    notes: USAGE_NOTES,
  },
  {
    name: 'embeddings (`float`)',
    run: (target) => embed(target, { encoding_format: 'float' }),
    limits: { anthropic: noEmbeddings },
    notes: USAGE_NOTES,
  },
  { name: '`models.list`', run: listModels },
  { name: '`models.retrieve`', run: getModel },
  { name: '`provider/model` as the model', run: prefixedModel },
  { name: 'cancellation reaches the provider', run: cancel },
];
