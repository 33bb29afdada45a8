import Anthropic from '@anthropic-ai/sdk';
import type { Message, MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages';
import { CITY, IMAGE_URL, MAX_OUTPUT_TOKENS, PDF, PNG } from '../requests.ts';
import { PARIS, SAYS } from '../says.ts';
import type { Scenario } from '../scenarios.ts';
import type { Sdk, SdkContext, SdkReading } from './sdk.ts';

type Params = Omit<MessageCreateParamsNonStreaming, 'model'>;

const max_tokens = MAX_OUTPUT_TOKENS;
const tools: Params['tools'] = [
  {
    name: 'get_weather',
    description: 'The weather in a city now.',
    input_schema: { ...CITY, type: 'object' },
  },
];

const PARAMS: Record<Scenario, Params> = {
  options: {
    system: 'Be brief.',
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'Yes?' },
      { role: 'user', content: SAYS.hello },
    ],
    max_tokens,
    stop_sequences: ['END', 'STOP'],
  },
  tools: {
    messages: [
      { role: 'user', content: SAYS.tool },
      { role: 'assistant', content: [{ type: 'tool_use', id: PARIS.id, name: PARIS.name, input: { city: 'Paris' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: PARIS.id, content: 'sunny' }] },
    ],
    max_tokens,
    tools,
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  },
  'forced tool': {
    messages: [{ role: 'user', content: SAYS.tool }],
    max_tokens,
    tools,
    tool_choice: { type: 'tool', name: 'get_weather' },
  },
  media: {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: SAYS.hello },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
          { type: 'image', source: { type: 'url', url: IMAGE_URL } },
          {
            type: 'document',
            title: 'a.pdf',
            source: { type: 'base64', media_type: 'application/pdf', data: PDF },
          },
        ],
      },
    ],
    max_tokens,
  },
  json: {
    messages: [{ role: 'user', content: SAYS.json }],
    max_tokens,
    output_config: { format: { type: 'json_schema', schema: CITY } },
  },
  reasoning: {
    messages: [{ role: 'user', content: SAYS.hello }],
    max_tokens,
    thinking: { type: 'enabled', budget_tokens: MAX_OUTPUT_TOKENS - 1, display: 'summarized' },
  },
};

const ANY: Params = { messages: [{ role: 'user', content: 'hi' }], max_tokens };

function clientOf({ origin, fetch }: SdkContext): Anthropic {
  return new Anthropic({ apiKey: 'test-key', baseURL: origin, fetch, maxRetries: 0 });
}

function readingOf({ content, usage }: Message): SdkReading {
  const calls = content.flatMap((block) => (block.type === 'tool_use' ? [block] : []));
  const { input_tokens: input, cache_read_input_tokens: read, cache_creation_input_tokens: written } = usage;
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    ...(calls.length > 0 && { toolCalls: calls.map((call) => ({ name: call.name, arguments: call.input })) }),
    usage: { inputTokens: input + (read ?? 0) + (written ?? 0), outputTokens: usage.output_tokens },
  };
}

/** The `@anthropic-ai/sdk` package. */
export const anthropicSdk: Sdk = {
  async call(scenario, way, context) {
    const { messages } = clientOf(context);
    const params = { ...PARAMS[scenario], model: context.model };
    return way === 'generate' ? await messages.create(params) : await messages.create({ ...params, stream: true });
  },

  async read(operation, context) {
    const { messages } = clientOf(context);
    const params = { ...ANY, model: context.model };
    const isStream = operation === 'stream';
    return readingOf(isStream ? await messages.stream(params).finalMessage() : await messages.create(params));
  },
};
