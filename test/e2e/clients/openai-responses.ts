import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import type { ResponseInput, ResponseInputItem } from 'openai/resources/responses/responses';
import { expect } from 'vitest';
import { PNG } from '../../conformance/requests.ts';
import { HELLO, USAGE } from '../../conformance/says.ts';
import { CITY_NOW, CITY_NOW_ANSWER, WEATHER, WEATHER_SCHEMA } from './asked.ts';
import { type Feature, type Limit, lastSeen, type Target } from './feature.ts';
import { expectHandedBack, openAi, WITHOUT_TOOLS } from './openai-chat.ts';
import { expectNotSent, expectSent } from './vendor-forms.ts';
import { ASKS, NO_TOOLS, SUNNY } from './vendor-says.ts';

const weatherTool = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather in a city now.',
  parameters: { ...WEATHER_SCHEMA },
  strict: true,
} as const;

async function create(target: Target): Promise<void> {
  const response = await openAi(target).responses.create({
    model: target.model,
    instructions: 'Be brief.',
    input: ASKS.hello,
  });
  expect(response).toMatchObject({
    status: 'completed',
    output_text: HELLO,
    usage: { input_tokens: USAGE.inputTokens, output_tokens: USAGE.outputTokens },
  });
  expect(JSON.stringify(lastSeen(target).body)).toContain('Be brief.');
}

async function stream(target: Target): Promise<void> {
  const runner = openAi(target).responses.stream({ model: target.model, input: ASKS.hello });
  const types: string[] = [];
  let text = '';
  for await (const event of runner) {
    types.push(event.type);
    if (event.type === 'response.output_text.delta') text += event.delta;
  }
  expect(text).toBe(HELLO);
  expect(types.slice(0, 2)).toEqual(['response.created', 'response.in_progress']);
  expect(types.at(-1)).toBe('response.completed');
  expect(await runner.finalResponse()).toMatchObject({ status: 'completed', output_text: HELLO });
}

async function toolLoop(target: Target): Promise<void> {
  const client = openAi(target);
  const input: ResponseInput = [{ role: 'user', content: ASKS.tool }];
  const first = await client.responses.create({ model: target.model, input, tools: [weatherTool] });
  expectSent(target, 'tool');
  const calls = first.output.filter((item) => item.type === 'function_call');
  expect(calls.map(({ name, arguments: text }) => [name, JSON.parse(text)])).toEqual([
    ['get_weather', { city: 'Paris' }],
  ]);
  const results = calls.map(
    ({ call_id }): ResponseInputItem => ({ type: 'function_call_output', call_id, output: WEATHER }),
  );
  const second = await client.responses.create({
    model: target.model,
    input: [...input, ...first.output, ...results] as ResponseInput, // an answer's items are input, as the guide has it
    tools: [weatherTool],
  });
  expect(second.output_text).toBe(SUNNY);
  expectHandedBack(target);
}

async function parallelTools(target: Target): Promise<void> {
  const runner = openAi(target).responses.stream({
    model: target.model,
    input: ASKS.parallelTools,
    tools: [weatherTool],
  });
  const { output } = await runner.finalResponse();
  const calls = output.filter((item) => item.type === 'function_call');
  expect(calls.map(({ arguments: text }) => JSON.parse(text))).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
  expect(new Set(calls.map(({ call_id }) => call_id)).size).toBe(2);
}

async function parse(target: Target): Promise<void> {
  const response = await openAi(target).responses.parse({
    model: target.model,
    input: ASKS.json,
    text: { format: zodTextFormat(CITY_NOW, 'city_now') },
  });
  expect(response.output_parsed).toEqual(CITY_NOW_ANSWER);
  expectSent(target, 'schema');
}

async function image(target: Target): Promise<void> {
  const response = await openAi(target).responses.create({
    model: target.model,
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: ASKS.hello },
          { type: 'input_image', image_url: `data:image/png;base64,${PNG}`, detail: 'auto' },
        ],
      },
    ],
  });
  expect(response.output_text).toBe(HELLO);
  expectSent(target, 'image');
}

const thinking = (target: Target) => ({
  model: target.model,
  input: ASKS.think,
  reasoning: { effort: 'high' as const, summary: 'auto' as const },
  max_output_tokens: 20_000,
});

async function thoughts(target: Target): Promise<void> {
  const client = openAi(target);
  const whole = await client.responses.create(thinking(target));
  const streamed = await client.responses.stream(thinking(target)).finalResponse();
  for (const { output, output_text: text } of [whole, streamed]) {
    const summaries = output.flatMap((item) => (item.type === 'reasoning' ? item.summary : []));
    expect({ text, thought: summaries.map((each) => each.text).join('') }).toEqual({
      text: 'Four.',
      thought: 'Two and two.',
    });
  }
  expectSent(target, 'effort');
}

async function stored(target: Target): Promise<void> {
  const client = openAi(target);
  const { id } = await client.responses.create({ model: target.model, input: ASKS.hello });
  const next = await client.responses.create({ model: target.model, input: ASKS.hello, previous_response_id: id });
  expect(next.output_text).toBe(HELLO);
}

const noTools: Limit = {
  why: WITHOUT_TOOLS,
  async instead(target) {
    const response = await openAi(target).responses.create({
      model: target.model,
      input: ASKS.tool,
      tools: [weatherTool],
    });
    expect(response.output_text).toBe(NO_TOOLS);
    expectNotSent(target, 'tool');
  },
};

const hiddenThoughts: Limit = {
  why: 'the provider does not show thoughts',
  async instead(target) {
    const { output } = await openAi(target).responses.create(thinking(target));
    expect(output.map(({ type }) => type)).toEqual(['message']);
    expectSent(target, 'effort');
  },
};

const notStored: Limit = {
  why: 'responses are not stored: send the conversation',
  async instead(target) {
    const refused = openAi(target).responses.create({
      model: target.model,
      input: ASKS.hello,
      previous_response_id: 'resp_1',
    });
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'not_supported', param: 'previous_response_id' });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    expect(target.seen()).toEqual([]);
  },
};

export const RESPONSES_FEATURES: readonly Feature[] = [
  { name: '`responses.create`', run: create },
  { name: 'responses stream', run: stream },
  { name: 'responses tool loop', run: toolLoop, limits: { perplexity: noTools } },
  { name: 'responses parallel tools, streamed', run: parallelTools, limits: { perplexity: noTools } },
  { name: 'responses structured output (`parse`)', run: parse },
  { name: 'responses images', run: image },
  {
    name: 'responses thoughts (`reasoning.summary`), also streamed',
    run: thoughts,
    limits: { openai: hiddenThoughts, perplexity: hiddenThoughts },
  },
  {
    name: '`previous_response_id`',
    run: stored,
    limits: {
      openai: notStored,
      anthropic: notStored,
      google: notStored,
      perplexity: notStored,
      mistral: notStored,
    },
  },
];
