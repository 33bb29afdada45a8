import { ChatAnthropic } from '@langchain/anthropic';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { type AIMessageChunk, type BaseMessageLike, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { expect } from 'vitest';
import { PNG } from '../../conformance/requests.ts';
import { HELLO, USAGE } from '../../conformance/says.ts';
import { CITY_NOW, CITY_NOW_ANSWER, WEATHER, WEATHER_INPUT } from './asked.ts';
import type { Client, Feature, Limit, Target } from './feature.ts';
import { expectHandedBack, WITHOUT_TOOLS } from './openai-chat.ts';
import { EMBEDDING_NOTES, noEmbeddings } from './openai-others.ts';
import { expectNotSent, expectSent } from './vendor-forms.ts';
import { vectorOf } from './vendor-plays.ts';
import { ASKS, NO_TOOLS, SUNNY } from './vendor-says.ts';

type ModelOf = (target: Target) => BaseChatModel;

const weatherTool = tool(() => WEATHER, {
  name: 'get_weather',
  description: 'The weather in a city now.',
  schema: WEATHER_INPUT,
});

interface Own {
  readonly usage?: Partial<Feature>;
  readonly object?: Partial<Feature>;
}

function featuresOf(modelOf: ModelOf, own: Own = {}): readonly Feature[] {
  const limits = { perplexity: noTools(modelOf) };
  return [
    { name: '`invoke`', run: (target) => invoke(modelOf(target)) },
    { name: '`stream`', run: (target) => stream(modelOf(target)) },
    { name: '`stream`, its usage', run: (target) => streamedUsage(target, modelOf(target)), ...own.usage },
    { name: '`bindTools`, tool loop', run: (target) => toolLoop(target, modelOf(target)), limits },
    { name: '`bindTools`, parallel tools, streamed', run: (target) => parallelTools(modelOf(target)), limits },
    { name: '`withStructuredOutput`', run: (target) => structuredOutput(modelOf(target)), ...own.object },
    { name: 'images', run: (target) => image(target, modelOf(target)) },
  ];
}

async function invoke(model: BaseChatModel): Promise<void> {
  const answer = await model.invoke([['system', 'Be brief.'], new HumanMessage(ASKS.hello)]);
  expect(answer.text).toBe(HELLO);
  expect(answer).toMatchObject({
    usage_metadata: { input_tokens: USAGE.inputTokens, output_tokens: USAGE.outputTokens },
  });
}

async function stream(model: BaseChatModel): Promise<void> {
  const answer = await joined(model, [new HumanMessage(ASKS.hello)]);
  expect(answer.text).toBe(HELLO);
}

/** Of Anthropic's own streams the client adds what their start tells of the output, which the mock overstates. */
async function streamedUsage({ provider }: Target, model: BaseChatModel): Promise<void> {
  const { usage_metadata: usage } = await joined(model, [new HumanMessage(ASKS.hello)]);
  const isOverstated = provider === 'anthropic' && model instanceof ChatAnthropic;
  expect(usage).toMatchObject({
    input_tokens: USAGE.inputTokens,
    output_tokens: isOverstated ? expect.any(Number) : USAGE.outputTokens,
  });
}

async function joined(
  model: { stream(input: BaseMessageLike[]): Promise<AsyncIterable<AIMessageChunk>> },
  input: BaseMessageLike[],
): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | undefined;
  for await (const chunk of await model.stream(input)) whole = whole ? whole.concat(chunk) : chunk;
  if (!whole) throw new Error('the stream was empty');
  return whole;
}

async function toolLoop(target: Target, model: BaseChatModel): Promise<void> {
  const bound = withTools(model);
  const question = new HumanMessage(ASKS.tool);
  const first = await bound.invoke([question]);
  const calls = first.tool_calls ?? [];
  expect(calls.map(({ name, args }) => [name, args])).toEqual([['get_weather', { city: 'Paris' }]]);
  const results = calls.map(({ id = '' }) => new ToolMessage({ tool_call_id: id, content: WEATHER }));
  const second = await bound.invoke([question, first, ...results]);
  expect(second.text).toBe(SUNNY);
  expectHandedBack(target);
}

function withTools(model: BaseChatModel) {
  const bound = model.bindTools?.([weatherTool]);
  if (!bound) throw new Error('the model has no tools');
  return bound;
}

async function parallelTools(model: BaseChatModel): Promise<void> {
  const { tool_calls: calls = [] } = await joined(withTools(model), [new HumanMessage(ASKS.parallelTools)]);
  expect(calls.map(({ args }) => args)).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
}

async function structuredOutput(model: BaseChatModel): Promise<void> {
  const structured = model.withStructuredOutput(CITY_NOW, { name: 'city_now' });
  expect(await structured.invoke(ASKS.json)).toEqual(CITY_NOW_ANSWER);
}

async function image(target: Target, model: BaseChatModel): Promise<void> {
  const url = `data:image/png;base64,${PNG}`;
  const message = new HumanMessage({
    content: [
      { type: 'text', text: ASKS.hello },
      { type: 'image_url', image_url: { url } },
    ],
  });
  expect((await model.invoke([message])).text).toBe(HELLO);
  expectSent(target, 'image');
}

function noTools(modelOf: ModelOf): Limit {
  return {
    why: WITHOUT_TOOLS,
    async instead(target) {
      const answer = await withTools(modelOf(target)).invoke([new HumanMessage(ASKS.tool)]);
      expect({ text: answer.text, calls: answer.tool_calls }).toEqual({ text: NO_TOOLS, calls: [] });
      expectNotSent(target, 'tool');
    },
  };
}

async function embed(target: Target): Promise<void> {
  const embeddings = new OpenAIEmbeddings({
    model: target.embeddingModel ?? target.model,
    apiKey: target.apiKey,
    configuration: { baseURL: `${target.baseUrl}/v1` },
    maxRetries: 0,
  });
  const texts = ['a', 'four'];
  expect(await embeddings.embedDocuments(texts)).toEqual(texts.map((text) => vectorOf(target.provider, text)));
}

const openaiModel: ModelOf = ({ baseUrl, apiKey, model }) =>
  new ChatOpenAI({ model, apiKey, configuration: { baseURL: `${baseUrl}/v1` } });

const anthropicModel: ModelOf = ({ baseUrl, apiKey, model }) =>
  new ChatAnthropic({ model, apiKey, anthropicApiUrl: baseUrl });

const lateUsage: Limit = {
  why: 'the provider tells the input’s tokens at the end, and the client reads them at the start: it shows 0',
  async instead(target) {
    const { usage_metadata: usage } = await joined(anthropicModel(target), [new HumanMessage(ASKS.hello)]);
    expect(usage).toMatchObject({ input_tokens: 0, output_tokens: USAGE.outputTokens });
  },
};

const noObjectTool: Limit = {
  why: 'the client asks for objects by a tool, and this provider has none',
  async instead(target) {
    await expect(structuredOutput(anthropicModel(target))).rejects.toThrow('No parseable tool calls');
    expectNotSent(target, 'schema');
  },
};

export const LANGCHAIN_CLIENTS: readonly Client[] = [
  {
    name: 'LangChain.js, `@langchain/openai`',
    setUp: "new ChatOpenAI({ model, apiKey: 'eufm_…', configuration: { baseURL: 'https://…/v1' } })",
    features: [
      ...featuresOf(openaiModel),
      { name: '`OpenAIEmbeddings`', run: embed, limits: { anthropic: noEmbeddings }, notes: EMBEDDING_NOTES },
    ],
  },
  {
    name: 'LangChain.js, `@langchain/anthropic`',
    setUp: "new ChatAnthropic({ model, apiKey: 'eufm_…', anthropicApiUrl: 'https://…' })",
    features: featuresOf(anthropicModel, {
      usage: { limits: { openai: lateUsage, perplexity: lateUsage, mistral: lateUsage } },
      object: { limits: { perplexity: noObjectTool } },
    }),
  },
];
