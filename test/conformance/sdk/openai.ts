import OpenAI from 'openai';
import type { ChatCompletion, ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import { CITY, IMAGE_URL, MAX_OUTPUT_TOKENS, PDF, PNG } from '../requests.ts';
import { PARIS, SAYS } from '../says.ts';
import type { Scenario } from '../scenarios.ts';
import type { Sdk, SdkContext, SdkReading } from './sdk.ts';

type Params = Omit<ChatCompletionCreateParamsNonStreaming, 'model'>;

const max_completion_tokens = MAX_OUTPUT_TOKENS;
const tools: Params['tools'] = [
  {
    type: 'function',
    function: { name: 'get_weather', description: 'The weather in a city now.', parameters: CITY },
  },
];

const PARAMS: Record<Scenario, Params> = {
  options: {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'Yes?' },
      { role: 'user', content: SAYS.hello },
    ],
    max_completion_tokens,
    temperature: 0.5,
    top_p: 0.9,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    stop: ['END', 'STOP'],
    seed: 7,
  },
  tools: {
    messages: [
      { role: 'user', content: SAYS.tool },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: PARIS.id, type: 'function', function: { name: PARIS.name, arguments: PARIS.arguments } }],
      },
      { role: 'tool', tool_call_id: PARIS.id, content: 'sunny' },
    ],
    max_completion_tokens,
    tools,
    tool_choice: 'auto',
    parallel_tool_calls: false,
  },
  'forced tool': {
    messages: [{ role: 'user', content: SAYS.tool }],
    max_completion_tokens,
    tools,
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
  },
  media: {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: SAYS.hello },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
          { type: 'image_url', image_url: { url: IMAGE_URL } },
          { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` } },
        ],
      },
    ],
    max_completion_tokens,
  },
  json: {
    messages: [{ role: 'user', content: SAYS.json }],
    max_completion_tokens,
    response_format: { type: 'json_schema', json_schema: { name: 'city', schema: CITY, strict: true } },
  },
  reasoning: {
    messages: [{ role: 'user', content: SAYS.hello }],
    max_completion_tokens,
    reasoning_effort: 'high',
  },
};

const ANY: Params = { messages: [{ role: 'user', content: 'hi' }] };
const STREAMED = { stream: true, stream_options: { include_usage: true } } as const;

function clientOf({ origin, fetch }: SdkContext): OpenAI {
  return new OpenAI({ apiKey: 'test-key', baseURL: `${origin}/v1`, fetch, maxRetries: 0 });
}

function usageOf(usage: CompletionUsage | null | undefined): SdkReading {
  return usage ? { usage: { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens } } : {};
}

function readingOf({ choices: [choice], usage }: ChatCompletion): SdkReading {
  const calls = choice?.message.tool_calls?.flatMap((call) => (call.type === 'function' ? [call.function] : []));
  return {
    text: choice?.message.content || choice?.message.refusal || '',
    ...(calls?.length && { toolCalls: calls.map((it) => ({ name: it.name, arguments: JSON.parse(it.arguments) })) }),
    ...usageOf(usage),
  };
}

/** The `openai` package, which is also what Perplexity, Mistral and the compatible servers say to call them with. */
export const openaiSdk: Sdk = {
  async call(scenario, way, context) {
    const { completions } = clientOf(context).chat;
    const params = { ...PARAMS[scenario], model: context.model };
    if (way === 'generate') return await completions.create(params);
    return await completions.create({ ...params, ...STREAMED });
  },

  async read(operation, context) {
    const client = clientOf(context);
    const { model } = context;
    switch (operation) {
      case 'generate':
        return readingOf(await client.chat.completions.create({ ...ANY, model }));
      case 'stream':
        return readingOf(await client.chat.completions.stream({ ...ANY, model, ...STREAMED }).finalChatCompletion());
      case 'complete': {
        const { choices, usage } = await client.completions.create({ model, prompt: 'Once upon' });
        return { text: choices[0]?.text ?? '', ...usageOf(usage) };
      }
      case 'embed': {
        const { data, usage } = await client.embeddings.create({ model, input: ['a', 'b'], encoding_format: 'float' });
        const embeddings = data.sort((one, other) => one.index - other.index).map(({ embedding }) => embedding);
        return { embeddings, usage: { inputTokens: usage.prompt_tokens } };
      }
    }
  },
};
