import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  embedMany,
  generateText,
  isStepCount,
  type LanguageModel,
  NoObjectGeneratedError,
  Output,
  streamText,
  tool,
} from 'ai';
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

type ModelOf = (target: Target) => LanguageModel;

const compatible = ({ baseUrl, apiKey }: Target) =>
  createOpenAICompatible({
    name: 'eufm',
    baseURL: `${baseUrl}/v1`,
    apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });

const openai = ({ baseUrl, apiKey }: Target) => createOpenAI({ baseURL: `${baseUrl}/v1`, apiKey });

function featuresOf(modelOf: ModelOf, ofObjects: Partial<Feature> = {}): readonly Feature[] {
  const limits = { perplexity: noTools(modelOf) };
  return [
    { name: '`generateText`', run: (target) => generate(target, modelOf(target)) },
    { name: '`streamText`', run: (target) => stream(target, modelOf(target)) },
    { name: '`Output.object`', run: (target) => object(modelOf(target)), ...ofObjects },
    { name: '`Output.object`, streamed', run: (target) => streamedObject(modelOf(target)), ...ofObjects },
    { name: 'tool loop', run: (target) => toolLoop(target, modelOf(target)), limits },
    { name: 'tool loop, streamed', run: (target) => streamedToolLoop(target, modelOf(target)), limits },
    { name: 'parallel tools', run: (target) => parallelTools(modelOf(target)), limits },
    { name: 'images', run: (target) => image(target, modelOf(target)) },
    { name: '`APICallError`, if it may be tried again', run: (target) => errors(modelOf(target)) },
  ];
}

async function generate(target: Target, model: LanguageModel): Promise<void> {
  const { text, finishReason, usage } = await generateText({ model, system: 'Be brief.', prompt: ASKS.hello });
  expect({ text, finishReason }).toEqual({ text: HELLO, finishReason: 'stop' });
  expect(usage).toMatchObject({ inputTokens: USAGE.inputTokens, outputTokens: USAGE.outputTokens });
  expect(target.seen()).toHaveLength(1);
}

async function stream(target: Target, model: LanguageModel): Promise<void> {
  const result = streamText({ model, prompt: ASKS.hello });
  let text = '';
  for await (const piece of result.textStream) text += piece;
  expect(text).toBe(HELLO);
  expect(await result.finishReason).toBe('stop');
  expect(await result.usage).toMatchObject({ inputTokens: USAGE.inputTokens, outputTokens: USAGE.outputTokens });
  expect(target.seen()).toHaveLength(1);
}

async function object(model: LanguageModel): Promise<void> {
  const output = Output.object({ schema: CITY_NOW });
  expect((await generateText({ model, output, prompt: ASKS.json })).output).toEqual(CITY_NOW_ANSWER);
}

async function streamedObject(model: LanguageModel): Promise<void> {
  const output = Output.object({ schema: CITY_NOW });
  expect(await streamText({ model, output, prompt: ASKS.json }).output).toEqual(CITY_NOW_ANSWER);
}

function weatherTools(cities: string[]) {
  const execute = ({ city }: { city: string }) => {
    cities.push(city);
    return WEATHER;
  };
  return { get_weather: tool({ description: 'The weather in a city now.', inputSchema: WEATHER_INPUT, execute }) };
}

const ROUNDS = { stopWhen: isStepCount(3) };

async function toolLoop(target: Target, model: LanguageModel): Promise<void> {
  const cities: string[] = [];
  const { text } = await generateText({ model, tools: weatherTools(cities), ...ROUNDS, prompt: ASKS.tool });
  expect({ text, cities }).toEqual({ text: SUNNY, cities: ['Paris'] });
  expectHandedBack(target);
}

async function streamedToolLoop(target: Target, model: LanguageModel): Promise<void> {
  const cities: string[] = [];
  const result = streamText({ model, tools: weatherTools(cities), ...ROUNDS, prompt: ASKS.tool });
  expect({ text: await result.text, cities }).toEqual({ text: SUNNY, cities: ['Paris'] });
  expectHandedBack(target);
}

async function parallelTools(model: LanguageModel): Promise<void> {
  const cities: string[] = [];
  const { toolCalls, finishReason } = await generateText({
    model,
    tools: weatherTools(cities),
    prompt: ASKS.parallelTools,
  });
  expect(finishReason).toBe('tool-calls');
  expect(toolCalls).toHaveLength(2);
  expect(cities).toEqual(['Paris', 'Rome']);
}

async function image(target: Target, model: LanguageModel): Promise<void> {
  const { text } = await generateText({
    model,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: ASKS.hello },
          { type: 'file', mediaType: 'image/png', data: PNG },
        ],
      },
    ],
  });
  expect(text).toBe(HELLO);
  expectSent(target, 'image');
}

async function errors(model: LanguageModel): Promise<void> {
  const statusOf = async (prompt: string) => {
    const failure: unknown = await generateText({ model, prompt, maxRetries: 0 }).catch((error: unknown) => error);
    if (!APICallError.isInstance(failure)) throw new Error(`no APICallError: ${failure}`);
    return [failure.statusCode, failure.isRetryable];
  };
  expect(await statusOf(ASKS.rateLimited)).toEqual([429, true]);
  expect(await statusOf(ASKS.invalid)).toEqual([400, false]);
  expect(await statusOf(ASKS.unknownModel)).toEqual([404, false]);
}

function noTools(modelOf: ModelOf): Limit {
  return {
    why: WITHOUT_TOOLS,
    async instead(target) {
      const cities: string[] = [];
      const { text } = await generateText({
        model: modelOf(target),
        tools: weatherTools(cities),
        ...ROUNDS,
        prompt: ASKS.tool,
      });
      expect({ text, cities }).toEqual({ text: NO_TOOLS, cities: [] });
      expectNotSent(target, 'tool');
    },
  };
}

async function embed(target: Target): Promise<void> {
  const model = compatible(target).embeddingModel(target.embeddingModel ?? target.model);
  const values = ['a', 'four'];
  const { embeddings } = await embedMany({ model, values });
  expect(embeddings).toEqual(values.map((text) => vectorOf(target.provider, text)));
}

const anthropic: ModelOf = ({ baseUrl, apiKey, model }) => createAnthropic({ baseURL: `${baseUrl}/v1`, apiKey })(model);

const noObjectTool: Limit = {
  why: 'the client asks for objects by a tool where the model is not Claude, and this provider has none',
  async instead(target) {
    const output = Output.object({ schema: CITY_NOW });
    const asked = generateText({ model: anthropic(target), output, prompt: ASKS.json });
    await expect(asked.then((answer) => answer.output)).rejects.toThrow(NoObjectGeneratedError);
    expectNotSent(target, 'schema');
  },
};

export const VERCEL_CLIENTS: readonly Client[] = [
  {
    name: 'Vercel AI SDK, `@ai-sdk/openai-compatible`',
    setUp:
      "createOpenAICompatible({ name: 'eufm', baseURL: 'https://…/v1', apiKey: 'eufm_…', supportsStructuredOutputs: true })",
    features: [
      ...featuresOf((target) => compatible(target).chatModel(target.model)),
      { name: '`embedMany`', run: embed, limits: { anthropic: noEmbeddings }, notes: EMBEDDING_NOTES },
    ],
  },
  {
    name: 'Vercel AI SDK, `@ai-sdk/openai`, Responses',
    setUp: "createOpenAI({ baseURL: 'https://…/v1', apiKey: 'eufm_…' })(model)",
    features: featuresOf((target) => openai(target)(target.model)),
  },
  {
    name: 'Vercel AI SDK, `@ai-sdk/openai`, Chat Completions',
    setUp: "createOpenAI({ baseURL: 'https://…/v1', apiKey: 'eufm_…' }).chat(model)",
    features: featuresOf((target) => openai(target).chat(target.model)),
  },
  {
    name: 'Vercel AI SDK, `@ai-sdk/anthropic`',
    setUp: "createAnthropic({ baseURL: 'https://…/v1', apiKey: 'eufm_…' })",
    features: featuresOf(anthropic, { limits: { perplexity: noObjectTool } }),
  },
];
