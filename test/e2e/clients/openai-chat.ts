import OpenAI from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import type { ChatCompletionMessageFunctionToolCall } from 'openai/resources/chat/completions';
import { expect } from 'vitest';
import * as z from 'zod';
import { PDF, PNG } from '../../conformance/requests.ts';
import { HELLO, USAGE } from '../../conformance/says.ts';
import {
  CITY_NOW,
  CITY_NOW_ANSWER,
  collectTexts,
  expectWarnings,
  ignored,
  mapped,
  WEATHER,
  WEATHER_INPUT,
  WEATHER_SCHEMA,
} from './asked.ts';
import { type Feature, type Limit, lastSeen, type Target } from './feature.ts';
import { expectNotSent, expectSent } from './vendor-forms.ts';
import { SIGNATURE } from './vendor-plays.ts';
import { ASKS, NO_TOOLS, SUNNY } from './vendor-says.ts';

/** OpenAI's client as a user of the product makes it: a base URL and a key. */
export function openAi({ baseUrl, apiKey }: Target, options: { maxRetries?: number } = {}): OpenAI {
  return new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey, ...options });
}

const USER = { role: 'user', content: ASKS.hello } as const;
const SYSTEM = { role: 'system', content: 'Be brief.' } as const;

const weatherTool = {
  type: 'function',
  function: { name: 'get_weather', description: 'The weather in a city now.', parameters: { ...WEATHER_SCHEMA } },
} as const;

const saying = (target: Target, content: string) => ({
  model: target.model,
  messages: [{ role: 'user' as const, content }],
});

async function chat(target: Target): Promise<void> {
  const completion = await openAi(target).chat.completions.create({ model: target.model, messages: [SYSTEM, USER] });
  expect(completion.choices).toMatchObject([
    { index: 0, message: { role: 'assistant', content: HELLO }, finish_reason: 'stop' },
  ]);
  expect(completion.usage).toMatchObject({
    prompt_tokens: USAGE.inputTokens,
    completion_tokens: USAGE.outputTokens,
    total_tokens: USAGE.inputTokens + USAGE.outputTokens,
  });
  expect(JSON.stringify(lastSeen(target).body)).toContain(SYSTEM.content);
}

async function stream(target: Target): Promise<void> {
  const chunks = await openAi(target).chat.completions.create({
    model: target.model,
    messages: [USER],
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  const finished: (string | null)[] = [];
  let usage: OpenAI.CompletionUsage | null | undefined;
  for await (const chunk of chunks) {
    text += chunk.choices[0]?.delta.content ?? '';
    if (chunk.choices[0]?.finish_reason) finished.push(chunk.choices[0].finish_reason);
    usage = chunk.usage ?? usage;
  }
  expect({ text, finished }).toEqual({ text: HELLO, finished: ['stop'] });
  expect(usage).toMatchObject({ prompt_tokens: USAGE.inputTokens, completion_tokens: USAGE.outputTokens });
}

async function streamWithoutUsage(target: Target): Promise<void> {
  const chunks = await openAi(target).chat.completions.create({ ...saying(target, ASKS.hello), stream: true });
  const usages: unknown[] = [];
  const { text } = await collectTexts(
    mapped(chunks, (chunk) => {
      if (chunk.usage) usages.push(chunk.usage);
      expect(chunk.choices).not.toEqual([]);
      return chunk.choices[0]?.delta.content;
    }),
  );
  expect({ text, usages }).toEqual({ text: HELLO, usages: [] });
}

async function streamHelper(target: Target): Promise<void> {
  const runner = openAi(target).chat.completions.stream(saying(target, ASKS.hello));
  expect(await runner.finalContent()).toBe(HELLO);
}

async function toolLoop(target: Target): Promise<void> {
  const client = openAi(target);
  const question = { role: 'user' as const, content: ASKS.tool };
  const tools = [weatherTool];
  const first = await client.chat.completions.create({ model: target.model, messages: [question], tools });
  expectSent(target, 'tool');
  const [choice] = first.choices;
  expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [{ type: 'function' }] } });
  const calls = functionCalls(choice?.message.tool_calls);
  expect(calls.map(({ function: call }) => [call.name, JSON.parse(call.arguments)])).toEqual([
    ['get_weather', { city: 'Paris' }],
  ]);
  const results = calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: WEATHER }));
  const messages = [question, ...(choice ? [choice.message] : []), ...results];
  const second = await client.chat.completions.create({ model: target.model, messages, tools });
  expect(second.choices[0]?.message.content).toBe(SUNNY);
  expectHandedBack(target);
}

/** The vendor has its call's result, and its proof of the call where it gave one. */
export function expectHandedBack(target: Target): void {
  expectSent(target, 'result');
  if (target.provider !== 'google') return;
  expect(JSON.stringify(lastSeen(target).body)).toContain(`"thoughtSignature":"${SIGNATURE}"`);
}

function functionCalls(
  calls: readonly OpenAI.ChatCompletionMessageToolCall[] = [],
): ChatCompletionMessageFunctionToolCall[] {
  return calls.filter((call) => call.type === 'function');
}

async function streamedToolLoop(target: Target): Promise<void> {
  const cities: string[] = [];
  const runner = openAi(target).chat.completions.runTools({
    ...saying(target, ASKS.tool),
    stream: true,
    tools: [
      zodFunction({
        name: 'get_weather',
        parameters: WEATHER_INPUT,
        function: ({ city }) => {
          cities.push(city);
          return WEATHER;
        },
      }),
    ],
  });
  expect(await runner.finalContent()).toBe(SUNNY);
  expect(cities).toEqual(['Paris']);
  expectHandedBack(target);
}

async function parallelTools(target: Target): Promise<void> {
  const completion = await openAi(target).chat.completions.create({
    ...saying(target, ASKS.parallelTools),
    tools: [weatherTool],
  });
  expectBothCities(functionCalls(completion.choices[0]?.message.tool_calls));
}

async function streamedParallelTools(target: Target): Promise<void> {
  const runner = openAi(target).chat.completions.stream({
    ...saying(target, ASKS.parallelTools),
    tools: [weatherTool],
  });
  const { choices } = await runner.finalChatCompletion();
  expect(choices[0]?.finish_reason).toBe('tool_calls');
  expectBothCities(functionCalls(choices[0]?.message.tool_calls));
}

function expectBothCities(calls: readonly ChatCompletionMessageFunctionToolCall[]): void {
  expect(calls.map(({ function: call }) => JSON.parse(call.arguments))).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
}

async function parse(target: Target): Promise<void> {
  const completion = await openAi(target).chat.completions.parse({
    ...saying(target, ASKS.json),
    response_format: zodResponseFormat(CITY_NOW, 'city_now'),
  });
  expect(completion.choices[0]?.message.parsed).toEqual(CITY_NOW_ANSWER);
  expectSent(target, 'schema');
}

async function image(target: Target): Promise<void> {
  await sayWith(target, { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } });
  expectSent(target, 'image');
}

async function pdf(target: Target): Promise<void> {
  const file = { filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` };
  await sayWith(target, { type: 'file', file }, ...(target.provider === 'google' ? [ignored('name of a file')] : []));
  expectSent(target, 'pdf');
}

async function sayWith(target: Target, part: OpenAI.ChatCompletionContentPart, ...warnings: string[]): Promise<void> {
  const content = [{ type: 'text' as const, text: ASKS.hello }, part];
  const { data, response } = await openAi(target)
    .chat.completions.create({ model: target.model, messages: [{ role: 'user', content }], max_completion_tokens: 64 })
    .withResponse();
  expect(data.choices[0]?.message.content).toBe(HELLO);
  expectWarnings(response.headers, ...warnings);
}

const thinking = (target: Target) => ({
  ...saying(target, ASKS.think),
  reasoning_effort: 'high' as const,
  max_completion_tokens: 20_000,
});

async function effort(target: Target): Promise<void> {
  const { response } = await openAi(target)
    .chat.completions.create({ ...thinking(target), messages: [USER] })
    .withResponse();
  expectWarnings(response.headers);
  expectSent(target, 'effort');
}

/** What a delta has beyond OpenAI's own. */
const thoughtDelta = z.object({ reasoning_content: z.string().optional() });

async function thoughts(target: Target): Promise<void> {
  const client = openAi(target);
  const completion = await client.chat.completions.create(thinking(target));
  expect(completion.choices[0]?.message).toMatchObject({ content: 'Four.', reasoning_content: 'Two and two.' });
  const chunks = await client.chat.completions.create({ ...thinking(target), stream: true });
  const thought = mapped(chunks, ({ choices }) => thoughtDelta.parse(choices[0]?.delta ?? {}).reasoning_content);
  expect((await collectTexts(thought)).text).toBe('Two and two.');
}

async function temperature(target: Target): Promise<void> {
  const { response } = await openAi(target)
    .chat.completions.create({ ...saying(target, ASKS.hello), temperature: 0.5, max_completion_tokens: 64 })
    .withResponse();
  expectSent(target, 'temperature');
  expectWarnings(response.headers);
}

async function sources(target: Target): Promise<void> {
  const completion = await openAi(target).chat.completions.create(saying(target, ASKS.search));
  const annotations = completion.choices[0]?.message.annotations ?? [];
  expect(annotations.map(({ url_citation: { url, title } }) => [url, title])).toEqual([
    ['https://en.wikipedia.org/wiki/Paris', 'Paris'],
    ['https://example.org/seine', 'Seine'],
  ]);
}

/** The answer of a provider that has no tools: text, and a warning. */
export const WITHOUT_TOOLS = 'the model API has no tools: they are left out with a warning';

const noTools: Limit = {
  why: WITHOUT_TOOLS,
  async instead(target) {
    const { data, response } = await openAi(target)
      .chat.completions.create({ ...saying(target, ASKS.tool), tools: [weatherTool], max_completion_tokens: 64 })
      .withResponse();
    expect(data.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: NO_TOOLS } });
    expectWarnings(response.headers, ignored('tools'));
    expectNotSent(target, 'tool');
  },
};

const hiddenThoughts: Limit = {
  why: 'the provider does not show thoughts',
  async instead(target) {
    const completion = await openAi(target).chat.completions.create({ ...thinking(target), messages: [USER] });
    expect(completion.choices[0]?.message).not.toHaveProperty('reasoning_content');
    expectSent(target, 'effort');
  },
};

const noTemperature: Limit = {
  why: 'the provider’s API refuses sampling options: left out with a warning',
  async instead(target) {
    const { response } = await openAi(target)
      .chat.completions.create({ ...saying(target, ASKS.hello), temperature: 0.5, max_completion_tokens: 64 })
      .withResponse();
    expectWarnings(response.headers, ignored('temperature'));
    expectNotSent(target, 'temperature');
  },
};

const noSearch: Limit = {
  why: 'only Perplexity searches unasked',
  async instead(target) {
    const completion = await openAi(target).chat.completions.create(saying(target, ASKS.hello));
    expect(completion.choices[0]?.message.annotations ?? []).toEqual([]);
  },
};

export const CHAT_FEATURES: readonly Feature[] = [
  { name: 'chat', run: chat },
  { name: 'chat stream with usage', run: stream },
  { name: 'chat stream without usage', run: streamWithoutUsage },
  { name: 'chat `stream()` helper', run: streamHelper },
  { name: 'tool loop', run: toolLoop, limits: { perplexity: noTools } },
  { name: 'tool loop, streamed (`runTools`)', run: streamedToolLoop, limits: { perplexity: noTools } },
  { name: 'parallel tools', run: parallelTools, limits: { perplexity: noTools } },
  { name: 'parallel tools, streamed', run: streamedParallelTools, limits: { perplexity: noTools } },
  { name: 'structured output (`parse`)', run: parse },
  { name: 'images', run: image },
  { name: 'PDF files', run: pdf },
  { name: '`reasoning_effort`', run: effort },
  {
    name: 'thoughts (`reasoning_content`), also streamed',
    run: thoughts,
    limits: { openai: hiddenThoughts, perplexity: hiddenThoughts },
  },
  { name: '`temperature`', run: temperature, limits: { anthropic: noTemperature } },
  {
    name: 'sources (`annotations`)',
    run: sources,
    limits: { openai: noSearch, anthropic: noSearch, google: noSearch, mistral: noSearch },
  },
];
