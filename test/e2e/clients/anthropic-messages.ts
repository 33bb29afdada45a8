import Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { expect } from 'vitest';
import { PDF, PNG } from '../../conformance/requests.ts';
import { HELLO, USAGE } from '../../conformance/says.ts';
import { CITY_NOW, CITY_NOW_ANSWER, expectWarnings, ignored, WEATHER, WEATHER_INPUT, WEATHER_SCHEMA } from './asked.ts';
import { type Feature, type Limit, lastSeen, type Target } from './feature.ts';
import { expectHandedBack, WITHOUT_TOOLS } from './openai-chat.ts';
import { expectNotSent, expectSent } from './vendor-forms.ts';
import { ASKS, COUNTED_TOKENS, NO_TOOLS, SUNNY } from './vendor-says.ts';

/** Anthropic's client as a user of the product makes it: a base URL and a key. */
export function anthropic({ baseUrl, apiKey }: Target, options: { maxRetries?: number } = {}): Anthropic {
  return new Anthropic({ baseURL: baseUrl, apiKey, ...options });
}

const MAX_TOKENS = 256;

const saying = (target: Target, content: string | Anthropic.ContentBlockParam[]) => ({
  model: target.model,
  max_tokens: MAX_TOKENS,
  messages: [{ role: 'user' as const, content }],
});

const weatherTool = {
  name: 'get_weather',
  description: 'The weather in a city now.',
  input_schema: { ...WEATHER_SCHEMA, required: ['city'] },
};

async function create(target: Target): Promise<void> {
  const { data, response } = await anthropic(target)
    .messages.create({ ...saying(target, ASKS.hello), system: 'Be brief.' })
    .withResponse();
  expect(data).toMatchObject({
    type: 'message',
    role: 'assistant',
    stop_reason: 'end_turn',
    usage: { input_tokens: USAGE.inputTokens, output_tokens: USAGE.outputTokens },
  });
  expect(textOf(data)).toBe(HELLO);
  expectWarnings(response.headers);
  expect(JSON.stringify(lastSeen(target).body)).toContain('Be brief.');
}

function textOf({ content }: Pick<Anthropic.Message, 'content'>): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

async function stream(target: Target): Promise<void> {
  const events = await anthropic(target).messages.create({ ...saying(target, ASKS.hello), stream: true });
  const types: string[] = [];
  let text = '';
  let outputTokens: number | undefined;
  for await (const event of events) {
    types.push(event.type);
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
    if (event.type === 'message_delta') outputTokens = event.usage.output_tokens;
  }
  expect({ text, outputTokens }).toEqual({ text: HELLO, outputTokens: USAGE.outputTokens });
  expect([types.at(0), types.at(-1)]).toEqual(['message_start', 'message_stop']);
}

async function streamHelper(target: Target): Promise<void> {
  const runner = anthropic(target).messages.stream(saying(target, ASKS.hello));
  expect(await runner.finalText()).toBe(HELLO);
  expect((await runner.finalMessage()).usage).toMatchObject({
    input_tokens: USAGE.inputTokens,
    output_tokens: USAGE.outputTokens,
  });
}

async function toolLoop(target: Target): Promise<void> {
  const client = anthropic(target);
  const question = { role: 'user' as const, content: ASKS.tool };
  const tools = [weatherTool];
  const first = await client.messages.create({ ...saying(target, ''), messages: [question], tools });
  expectSent(target, 'tool');
  expect(first.stop_reason).toBe('tool_use');
  const calls = toolCalls(first);
  expect(calls.map(({ name, input }) => [name, input])).toEqual([['get_weather', { city: 'Paris' }]]);
  const results = calls.map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: WEATHER }));
  const second = await client.messages.create({
    ...saying(target, ''),
    messages: [question, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
    tools,
  });
  expect(textOf(second)).toBe(SUNNY);
  expectHandedBack(target);
}

function toolCalls({ content }: Pick<Anthropic.Message, 'content'>): Anthropic.ToolUseBlock[] {
  return content.filter((block) => block.type === 'tool_use');
}

/** The client first asks the server to hold the conversation, and where it does not, sends all of it each time. */
async function toolRunner(target: Target): Promise<void> {
  const cities: string[] = [];
  const runner = anthropic(target).beta.messages.toolRunner({
    ...saying(target, ASKS.tool),
    messages: [{ role: 'user', content: ASKS.tool }],
    stream: true,
    tools: [
      betaZodTool({
        name: 'get_weather',
        description: 'The weather in a city now.',
        inputSchema: WEATHER_INPUT,
        run: ({ city }) => {
          cities.push(city);
          return WEATHER;
        },
      }),
    ],
  });
  const last = await runner.runUntilDone();
  expect(last.content).toMatchObject([{ type: 'text', text: SUNNY }]);
  expect(cities).toEqual(['Paris']);
  expectHandedBack(target);
}

async function parallelTools(target: Target): Promise<void> {
  const asked = { ...saying(target, ASKS.parallelTools), tools: [weatherTool] };
  const client = anthropic(target);
  const whole = await client.messages.create(asked);
  const streamed = await client.messages.stream(asked).finalMessage();
  for (const message of [whole, streamed]) {
    expect(message.stop_reason).toBe('tool_use');
    const calls = toolCalls(message);
    expect(calls.map(({ input }) => input)).toEqual([{ city: 'Paris' }, { city: 'Rome' }]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  }
}

async function parse(target: Target): Promise<void> {
  const message = await anthropic(target).messages.parse({
    ...saying(target, ASKS.json),
    output_config: { format: zodOutputFormat(CITY_NOW) },
  });
  expect(message.parsed_output).toEqual(CITY_NOW_ANSWER);
  expectSent(target, 'schema');
}

async function image(target: Target): Promise<void> {
  await sayWith(target, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } });
  expectSent(target, 'image');
}

async function document(target: Target): Promise<void> {
  await sayWith(target, { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF } });
  expectSent(target, 'pdf');
}

async function sayWith(target: Target, block: Anthropic.ContentBlockParam): Promise<void> {
  const { data, response } = await anthropic(target)
    .messages.create(saying(target, [{ type: 'text', text: ASKS.hello }, block]))
    .withResponse();
  expect(textOf(data)).toBe(HELLO);
  expectWarnings(response.headers);
}

const thinking = (target: Target) => ({
  ...saying(target, ASKS.think),
  max_tokens: 20_000,
  thinking: { type: 'enabled' as const, budget_tokens: 16_384 },
});

async function thoughts(target: Target): Promise<void> {
  const client = anthropic(target);
  const whole = await client.messages.create(thinking(target));
  const streamed = await client.messages.stream(thinking(target)).finalMessage();
  for (const { content } of [whole, streamed]) {
    expect(content).toMatchObject([
      { type: 'thinking', thinking: 'Two and two.', signature: expect.any(String) },
      { type: 'text', text: 'Four.' },
    ]);
  }
  expectSent(target, 'effort');
  const messages = [...thinking(target).messages, { role: 'assistant' as const, content: whole.content }];
  const next = await client.messages.create({
    ...thinking(target),
    messages: [...messages, { role: 'user', content: ASKS.think }],
  });
  expect(textOf(next)).toBe('Four.');
}

async function countTokens(target: Target): Promise<void> {
  const { model, messages } = saying(target, ASKS.hello);
  const { data, response } = await anthropic(target)
    .messages.countTokens({ model, messages, system: 'Be brief.' })
    .withResponse();
  expect(data.input_tokens).toBe(COUNTED_TOKENS);
  expectWarnings(response.headers);
  expect(JSON.stringify(lastSeen(target).body)).toContain('Be brief.');
}

async function listModels(target: Target): Promise<void> {
  const ids: string[] = [];
  for await (const { id } of anthropic(target).models.list()) ids.push(id);
  expect(ids).toContain(target.model);
  expect(new Set(ids).size).toBe(ids.length);
}

async function getModel(target: Target): Promise<void> {
  const { model } = target;
  expect(await anthropic(target).models.retrieve(model)).toMatchObject({ id: model, type: 'model' });
}

async function cancel(target: Target): Promise<void> {
  const events = await anthropic(target).messages.create({ ...saying(target, ASKS.slow), stream: true });
  for await (const event of events) if (event.type === 'content_block_delta') break;
  expect(await lastSeen(target).ended).toBe('cut');
}

const noTools: Limit = {
  why: WITHOUT_TOOLS,
  async instead(target) {
    const { data, response } = await anthropic(target)
      .messages.create({ ...saying(target, ASKS.tool), tools: [weatherTool] })
      .withResponse();
    expect(data.stop_reason).toBe('end_turn');
    expect(textOf(data)).toBe(NO_TOOLS);
    expectWarnings(response.headers, ignored('tools'));
    expectNotSent(target, 'tool');
  },
};

const hiddenThoughts: Limit = {
  why: 'the provider does not show thoughts',
  async instead(target) {
    const { content } = await anthropic(target).messages.create(thinking(target));
    expect(content.map(({ type }) => type)).toEqual(['text']);
    expectSent(target, 'effort');
  },
};

const uncounted: Limit = {
  why: 'the provider does not count: the answer is an estimate, which a warning says',
  async instead(target) {
    const { model, messages } = saying(target, ASKS.hello);
    const { data, response } = await anthropic(target).messages.countTokens({ model, messages }).withResponse();
    expect(data.input_tokens).toBeGreaterThan(2);
    expect(data.input_tokens).toBeLessThan(100);
    expectWarnings(response.headers, 'the number is an estimate: the provider does not count');
    expect(target.seen()).toEqual([]);
  },
};

async function thread(target: Target): Promise<void> {
  const thread = anthropic(target).beta.messages.thread({ model: target.model, max_tokens: MAX_TOKENS });
  expect(await thread.send({ role: 'user', content: ASKS.hello })).toMatchObject({ type: 'message' });
}

const notStored: Limit = {
  why: 'conversations are not stored: refused, or with `continue_unthreaded` sent whole',
  async instead(target) {
    const { model } = target;
    const asked = { role: 'user' as const, content: ASKS.hello };
    const client = anthropic(target);
    const refused = client.beta.messages.thread({ model, max_tokens: MAX_TOKENS }).send(asked);
    await expect(refused).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    expect(target.seen()).toEqual([]);
    const whole = client.beta.messages.thread({
      model,
      max_tokens: MAX_TOKENS,
      unsupportedRequestBehavior: 'continue_unthreaded',
    });
    await whole.send(asked);
    await whole.send(asked);
    expect(JSON.stringify(lastSeen(target).body)).toContain(HELLO);
  },
};

export const ANTHROPIC_FEATURES: readonly Feature[] = [
  { name: '`messages.create`', run: create },
  { name: 'stream', run: stream },
  { name: '`messages.stream` helper', run: streamHelper },
  { name: 'tool loop', run: toolLoop, limits: { perplexity: noTools } },
  { name: 'tool loop, streamed (`beta.messages.toolRunner`)', run: toolRunner, limits: { perplexity: noTools } },
  {
    name: '`beta.messages.thread`',
    run: thread,
    limits: {
      openai: notStored,
      anthropic: notStored,
      google: notStored,
      perplexity: notStored,
      mistral: notStored,
    },
  },
  { name: 'parallel tools, also streamed', run: parallelTools, limits: { perplexity: noTools } },
  { name: 'structured output (`parse`)', run: parse },
  { name: 'images', run: image },
  { name: 'documents (PDF)', run: document },
  {
    name: 'thinking, also streamed and handed back',
    run: thoughts,
    limits: { openai: hiddenThoughts, perplexity: hiddenThoughts },
  },
  {
    name: '`messages.countTokens`',
    run: countTokens,
    limits: { openai: uncounted, perplexity: uncounted, mistral: uncounted },
  },
  { name: '`models.list`', run: listModels },
  { name: '`models.retrieve`', run: getModel },
  { name: 'cancellation reaches the provider', run: cancel },
];
