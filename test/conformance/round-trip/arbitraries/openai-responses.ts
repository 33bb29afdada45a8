import * as fc from 'fast-check';
import type { ResponsesBody, ResponsesItem, ResponsesPart, ResponsesTool } from '../forms/openai-responses.ts';
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

const textPart: fc.Arbitrary<ResponsesPart> = fc.record({ type: fc.constant('input_text'), text: anyText });
const saidPart: fc.Arbitrary<ResponsesPart> = fc.record({ type: fc.constant('input_text'), text });
const imageUrl = fc.oneof(
  httpsUrl,
  fc.tuple(imageType, base64).map(([type, data]) => `data:${type};base64,${data}`),
);
const mediaPart: fc.Arbitrary<ResponsesPart> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        type: fc.constant('input_image'),
        image_url: imageUrl,
        detail: orNull(fc.constantFrom('auto', 'low', 'high', 'original')),
      },
      { requiredKeys: ['type', 'image_url'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      { type: fc.constant('input_file'), file_data: fc.oneof(dataUrlOfFile, base64), filename: orNull(filename) },
      { requiredKeys: ['type', 'file_data'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      { type: fc.constant('input_file'), file_url: httpsUrl, filename: orNull(filename) },
      { requiredKeys: ['type', 'file_url'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ type: 'input_image', file_id: 'file-1' }, { type: 'input_file', file_id: 'file-1' }),
  },
);
const part = fc.oneof(textPart, mediaPart);

const user: fc.Arbitrary<ResponsesItem> = fc.record(
  { role: fc.constant('user'), content: fc.oneof(text, readable(part, saidPart)), type: fc.constant('message') },
  { requiredKeys: ['role', 'content'] },
);
const system: fc.Arbitrary<ResponsesItem> = fc.record({
  role: fc.constantFrom('system', 'developer'),
  content: fc.oneof(anyText, fc.array(textPart, { maxLength: 2 })),
});

const outputPart: fc.Arbitrary<ResponsesPart> = fc.oneof(
  fc.record({ type: fc.constant('output_text'), text: anyText, annotations: fc.constant([]) }),
  fc.record({ type: fc.constant('refusal'), refusal: anyText }),
);
const answer: fc.Arbitrary<ResponsesItem> = fc.record(
  {
    type: fc.constant('message'),
    role: fc.constant('assistant'),
    content: fc.oneof(anyText, fc.array(outputPart, { maxLength: 2 })),
    id: fc.constant('msg_1'),
    status: fc.constant('completed'),
    phase: fc.constantFrom(null, 'commentary'),
  },
  { requiredKeys: ['type', 'role', 'content'] },
);
const reasoning: fc.Arbitrary<ResponsesItem> = fc.record(
  {
    type: fc.constant('reasoning'),
    id: fc.constant('rs_1'),
    summary: fc.array(fc.record({ type: fc.constant('summary_text'), text: anyText }), { maxLength: 2 }),
    content: orNull(fc.array(fc.record({ type: fc.constant('reasoning_text'), text: anyText }), { maxLength: 2 })),
    encrypted_content: orNull(signature),
  },
  { requiredKeys: ['type', 'summary'] },
);
const other: fc.Arbitrary<ResponsesItem> = fc.constantFrom<ResponsesItem>(
  { type: 'web_search_call' },
  { type: 'custom_tool_call', call_id: 'x', name: 'grep' },
);

const step = fc.record({
  id: signed(callId),
  call: fc.record({ name: toolName, arguments: argumentsText }),
  output: fc.oneof(anyText, fc.array(part, { maxLength: 3 })),
});
const turn: fc.Arbitrary<ResponsesItem[]> = fc
  .tuple(
    fc.array(fc.oneof(answer, reasoning), { maxLength: 2 }),
    fc.oneof(fc.constant([]), fc.array(step, { minLength: 1, maxLength: 3 })),
    fc.oneof(
      { weight: 6, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.oneof(answer, reasoning), { maxLength: 1 }) },
    ),
  )
  .map(([before, steps, after]) => [
    ...before,
    ...steps.map(({ id, call }) => ({ type: 'function_call', call_id: id, ...call })),
    ...after,
    ...steps.map(({ id, output }) => ({ type: 'function_call_output', call_id: id, output })),
  ]);

const input = fc.oneof(
  { weight: 1, arbitrary: text },
  {
    weight: 19,
    arbitrary: fc
      .tuple(
        fc.array(system, { maxLength: 1 }),
        text.map((content) => ({ role: 'user', content })),
        fc.array(
          fc.oneof(
            { weight: 5, arbitrary: turn },
            { weight: 3, arbitrary: user.map((item) => [item]) },
            { weight: 1, arbitrary: fc.oneof(system, other).map((item) => [item]) },
          ),
          { maxLength: 4 },
        ),
      )
      .map(([head, first, rest]) => [...head, first, ...rest.flat()]),
  },
);

const tool: fc.Arbitrary<ResponsesTool> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        type: fc.constant('function'),
        name: toolName,
        description: orNull(anyText),
        parameters: orNull(schema),
        strict: orNull(fc.boolean()),
      },
      { requiredKeys: ['type', 'name'] },
    ),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'web_search' }) },
);
const tools = orNull(fc.array(tool, { maxLength: 3 }));
const choice: fc.Arbitrary<NonNullable<ResponsesBody['tool_choice']>> = fc.oneof(
  fc.constantFrom('none', 'auto', 'required'),
  toolName.map((name) => ({ type: 'function', name })),
  fc.constantFrom('auto', 'required').map((mode) => ({
    type: 'allowed_tools',
    mode,
    tools: [{ type: 'function', name: 'search' }],
  })),
  fc.constant({ type: 'web_search_preview' }),
);
const format = fc.oneof(
  fc.constantFrom({ type: 'text' }, { type: 'json_object' }),
  fc.record(
    {
      type: fc.constant('json_schema'),
      name: fc.constant('answer'),
      schema,
      description: orNull(text),
      strict: orNull(fc.boolean()),
    },
    { requiredKeys: ['type', 'name', 'schema'] },
  ),
);
const summary = orNull(fc.constantFrom('auto', 'detailed'));
const fraction = orNull(fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10));

const options = partial({
  instructions: orNull(anyText),
  tools,
  tool_choice: orNull(choice),
  parallel_tool_calls: orNull(fc.boolean()),
  text: orNull(partial({ format: orNull(format), verbosity: orNull(fc.constant('low')) })),
  reasoning: orNull(
    partial({ effort: orNull(fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')), summary }),
  ),
  max_output_tokens: orNull(fc.integer({ min: 1, max: 99_999 })),
  temperature: fraction,
  top_p: fraction,
});
const beside = partial({
  stream: fc.boolean(),
  stream_options: fc.constant({ include_obfuscation: true }),
  truncation: fc.constantFrom('auto', 'disabled'),
  include: fc.constant(['reasoning.encrypted_content', 'file_search_call.results']),
  user: fc.constant('user-1'),
  prompt_cache_key: fc.constant('key'),
  metadata: fc.constant({ order: '1' }),
  store: fc.boolean(),
  service_tier: fc.constant('flex'),
  x_unknown: fc.constant({ any: 1 }),
});

/** Bodies of `POST /v1/responses`. */
export const responsesBody: fc.Arbitrary<ResponsesBody> = fc
  .tuple(input, options, fc.oneof(fc.constant({}), beside))
  .map(([conversation, settings, extras]) => ({
    model: 'm',
    input: conversation,
    ...settings,
    ...(namesMissingTool(settings) && { tool_choice: 'auto' }),
    ...extras,
  }));

/** A choice of a tool that is not there, which every vendor refuses. */
function namesMissingTool({
  tools: offered,
  tool_choice: asked,
}: Pick<ResponsesBody, 'tools' | 'tool_choice'>): boolean {
  if (typeof asked !== 'object' || asked?.type !== 'function') return false;
  return !offered?.some(({ name }) => name === asked.name);
}
