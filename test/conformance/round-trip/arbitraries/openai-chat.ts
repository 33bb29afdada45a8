import * as fc from 'fast-check';
import type { ChatBody, ChatCall, ChatMessage, ChatPart, ChatTool } from '../forms/openai-chat.ts';
import {
  anyText,
  argumentsText,
  base64,
  callId,
  dataUrlOfFile,
  filename,
  httpsUrl,
  imageType,
  orNull,
  partial,
  readable,
  schema,
  signature,
  text,
  toolName,
} from './pieces.ts';
import { signed } from './signed.ts';

const mark = fc.constant({ mode: 'explicit' });
const textPart: fc.Arbitrary<ChatPart> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ type: fc.constant('text'), text: anyText }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('text'), text, prompt_cache_breakpoint: mark }) },
);
const saidPart: fc.Arbitrary<ChatPart> = fc.record({ type: fc.constant('text'), text });
const imageUrl = fc.oneof(
  httpsUrl,
  fc.tuple(imageType, base64).map(([type, data]) => `data:${type};base64,${data}`),
);
const mediaPart: fc.Arbitrary<ChatPart> = fc.oneof(
  fc.record({
    type: fc.constant('image_url'),
    image_url: fc.record(
      { url: imageUrl, detail: fc.constantFrom('auto', 'low', 'high', 'original') },
      { requiredKeys: ['url'] },
    ),
  }),
  fc.record({
    type: fc.constant('input_audio'),
    input_audio: fc.record({ data: base64, format: fc.constantFrom('wav', 'mp3') }),
  }),
  fc.record({
    type: fc.constant('file'),
    file: fc.oneof(
      fc.record({ file_data: fc.oneof(dataUrlOfFile, base64), filename }, { requiredKeys: ['file_data'] }),
      fc.constant({ file_id: 'file-1' }),
    ),
  }),
);

const texts = fc.oneof(anyText, fc.array(textPart, { minLength: 1, maxLength: 3 }));
const user: fc.Arbitrary<ChatMessage> = fc.record(
  {
    role: fc.constant('user'),
    content: fc.oneof(text, readable(fc.oneof(textPart, mediaPart), saidPart)),
    name: fc.constant('ann'),
    x_extra: fc.constant(1),
  },
  { requiredKeys: ['role', 'content'] },
);
const system: fc.Arbitrary<ChatMessage> = fc.record({ role: fc.constantFrom('system', 'developer'), content: texts });

const refusalPart: fc.Arbitrary<ChatPart> = fc.record({ type: fc.constant('refusal'), refusal: anyText });
const said = partial({
  content: orNull(fc.oneof(anyText, fc.array(fc.oneof(textPart, refusalPart), { maxLength: 3 }))),
  refusal: orNull(text),
  annotations: fc.constant([{ type: 'url_citation' }]),
  reasoning_content: orNull(text),
  reasoning_details: fc.array(
    fc.oneof(
      fc.record({ type: fc.constant('reasoning.text'), text, signature: orNull(signature) }),
      signature.map((own) => ({ type: 'reasoning.text', text: null, signature: own })),
      fc.constant({ type: 'reasoning.encrypted', data: 'x' }),
    ),
    { maxLength: 2 },
  ),
});

interface Step {
  readonly call: Omit<ChatCall, 'id'>;
  readonly id: string;
  readonly result: ChatMessage['content'];
}
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.record({
      call: fc.record({
        type: fc.constant('function'),
        function: fc.record({ name: toolName, arguments: argumentsText }),
      }),
      id: signed(callId),
      result: texts,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant({ type: 'custom', custom: { name: 'grep', input: 'x' } }),
      id: callId,
      result: texts,
    }),
  },
);

/** What an assistant says and calls, and what the tools answer. */
const turn: fc.Arbitrary<ChatMessage[]> = fc
  .tuple(said, fc.oneof(fc.constant([]), fc.array(step, { minLength: 1, maxLength: 3 })))
  .map(([message, steps]) => {
    const calls = steps.map(({ call, id }) => ({ id, ...call }));
    const results = steps.map(({ id, result }) => ({ role: 'tool', tool_call_id: id, content: result ?? '' }));
    return [{ role: 'assistant', ...message, ...(calls.length > 0 && { tool_calls: calls }) }, ...results];
  });

const messages = fc
  .tuple(
    fc.array(system, { maxLength: 2 }),
    text.map((content) => ({ role: 'user', content })),
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: turn },
        { weight: 3, arbitrary: user.map((message) => [message]) },
        { weight: 1, arbitrary: system.map((message) => [message]) },
      ),
      { maxLength: 4 },
    ),
  )
  .map(([head, first, rest]) => [...head, first, ...rest.flat()]);

const tool: fc.Arbitrary<ChatTool> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('function'),
      function: fc.record(
        { name: toolName, description: orNull(anyText), parameters: orNull(schema), strict: orNull(fc.boolean()) },
        { requiredKeys: ['name'] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'custom', custom: { name: 'grep' } }) },
);
const choice: fc.Arbitrary<NonNullable<ChatBody['tool_choice']>> = fc.oneof(
  fc.constantFrom('none', 'auto', 'required'),
  toolName.map((name) => ({ type: 'function', function: { name } })),
  fc.constantFrom('auto', 'required').map((mode) => ({
    type: 'allowed_tools',
    allowed_tools: { mode, tools: [{ type: 'function', function: { name: 'search' } }] },
  })),
  fc.constant({ type: 'custom', custom: { name: 'grep' } }),
);
const format: fc.Arbitrary<NonNullable<ChatBody['response_format']>> = fc.oneof(
  fc.constantFrom({ type: 'text' }, { type: 'json_object' }),
  fc.record({
    type: fc.constant('json_schema'),
    json_schema: fc.record(
      { name: fc.constant('answer'), schema, description: orNull(text), strict: orNull(fc.boolean()) },
      { requiredKeys: ['name', 'schema'] },
    ),
  }),
);
const fraction = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);
const penalty = fc.constantFrom(-2, -0.5, 0, 1.5);

const options = partial({
  tools: orNull(fc.array(tool, { maxLength: 3 })),
  tool_choice: orNull(choice),
  parallel_tool_calls: orNull(fc.boolean()),
  response_format: orNull(format),
  max_tokens: orNull(fc.integer({ min: 1, max: 99_999 })),
  max_completion_tokens: orNull(fc.integer({ min: 1, max: 99_999 })),
  temperature: orNull(fraction),
  top_p: orNull(fraction),
  frequency_penalty: orNull(penalty),
  presence_penalty: orNull(penalty),
  stop: orNull(fc.oneof(text, fc.array(text, { maxLength: 4 }))),
  seed: orNull(fc.integer()),
  reasoning_effort: orNull(fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')),
  n: fc.constantFrom(1, null),
});
const beside = partial({
  stream: fc.boolean(),
  stream_options: fc.constantFrom({ include_usage: true }, { include_obfuscation: false }),
  verbosity: orNull(fc.constant('low')),
  logprobs: fc.boolean(),
  logit_bias: fc.constantFrom({}, { 50256: -100 }),
  user: fc.constant('user-1'),
  prompt_cache_key: fc.constant('key'),
  metadata: fc.constantFrom({}, { order: '1' }),
  store: fc.boolean(),
  service_tier: fc.constant('flex'),
  x_unknown: fc.constant({ any: 1 }),
});

/** Bodies of `POST /v1/chat/completions`. Half of them have nothing in them that only OpenAI knows. */
export const chatBody: fc.Arbitrary<ChatBody> = fc
  .tuple(messages, options, fc.oneof(fc.constant({}), beside))
  .map(([conversation, settings, extras]) => ({
    model: 'm',
    messages: conversation,
    ...settings,
    ...(namesMissingTool(settings) && { tool_choice: 'auto' }),
    ...extras,
  }));

/** A choice of a tool that is not there, which every vendor refuses. */
function namesMissingTool({ tools, tool_choice: choice }: Pick<ChatBody, 'tools' | 'tool_choice'>): boolean {
  if (typeof choice !== 'object' || !choice?.function) return false;
  const { name } = choice.function;
  return !tools?.some((each) => each.function?.name === name);
}
