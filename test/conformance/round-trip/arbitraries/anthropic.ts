import * as fc from 'fast-check';
import type { Block, MessageParam, MessagesBody, MessagesTool } from '../forms/anthropic.ts';
import {
  anyText,
  base64,
  callId,
  httpsUrl,
  jsonObject,
  orNull,
  partial,
  schema,
  signature,
  text,
  toolName,
} from './pieces.ts';
import { signed } from './signed.ts';

/** A mark to cache, on a few of the blocks. */
function cached(block: fc.Arbitrary<Block>): fc.Arbitrary<Block> {
  return fc
    .tuple(block, fc.integer({ min: 0, max: 30 }))
    .map(([content, dice]) => (dice === 1 ? { ...content, cache_control: { type: 'ephemeral', ttl: '5m' } } : content));
}

const textBlock = cached(fc.record({ type: fc.constant('text'), text: anyText }));
const saidBlock = cached(fc.record({ type: fc.constant('text'), text }));
const urlSource = fc.record({ type: fc.constant('url'), url: httpsUrl });
const imageBlock = cached(
  fc.record(
    {
      type: fc.constant('image'),
      source: fc.oneof(
        fc.record({
          type: fc.constant('base64'),
          media_type: fc.constantFrom('image/jpeg', 'image/png', 'image/gif', 'image/webp'),
          data: base64,
        }),
        urlSource,
      ),
      transformations: fc.constantFrom(null, { oversized_image: 'downsize' }),
    },
    { requiredKeys: ['type', 'source'] },
  ),
);
const documentBlock = cached(
  fc.record(
    {
      type: fc.constant('document'),
      source: fc.oneof(
        base64.map((data) => ({ type: 'base64', media_type: 'application/pdf', data })),
        anyText.map((data) => ({ type: 'text', media_type: 'text/plain', data })),
        fc
          .oneof(text, fc.array(fc.oneof(textBlock, imageBlock), { minLength: 1, maxLength: 2 }))
          .map((content) => ({ type: 'content', content })),
        urlSource,
      ),
      title: orNull(fc.oneof(text, fc.constant('t'.repeat(300)))),
      context: orNull(text),
      citations: orNull(fc.record({ enabled: fc.boolean() })),
    },
    { requiredKeys: ['type', 'source'] },
  ),
);
const searchResultBlock = fc.record({
  type: fc.constant('search_result'),
  source: httpsUrl,
  title: text,
  content: fc.array(fc.record({ type: fc.constant('text'), text }), { maxLength: 2 }),
});
const shown = fc.oneof(
  { weight: 4, arbitrary: textBlock },
  { weight: 2, arbitrary: imageBlock },
  { weight: 2, arbitrary: documentBlock },
  { weight: 1, arbitrary: searchResultBlock },
);
const userContent = fc.oneof(
  text,
  fc
    .array(
      fc.oneof({ weight: 9, arbitrary: shown }, { weight: 1, arbitrary: fc.constant({ type: 'container_upload' }) }),
      {
        maxLength: 3,
      },
    )
    .chain((blocks) => saidBlock.map((last) => [...blocks, last])),
);
const user: fc.Arbitrary<MessageParam> = fc.record({ role: fc.constant('user'), content: userContent });
const system: fc.Arbitrary<MessageParam> = fc.record({
  role: fc.constant('system'),
  content: fc.oneof(text, fc.array(textBlock, { minLength: 1, maxLength: 2 })),
});

const thinking: fc.Arbitrary<Block> = fc.oneof(
  fc.record({
    type: fc.constant('thinking'),
    thinking: anyText,
    signature: fc.oneof(
      signature,
      signature.map((own) => `eufm:google:${own}`),
    ),
  }),
  fc.record({ type: fc.constant('thinking'), thinking: text }),
  fc.constant({ type: 'redacted_thinking', data: 'b3BhcXVl' }),
);
const assistantBlock: fc.Arbitrary<Block> = fc.oneof(
  { weight: 5, arbitrary: saidBlock },
  { weight: 1, arbitrary: saidBlock.map((block) => ({ ...block, citations: [{ type: 'char_location' }] })) },
  { weight: 3, arbitrary: thinking },
  { weight: 1, arbitrary: fc.constant({ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }) },
);
const resultBlock: fc.Arbitrary<Block> = fc.oneof(
  { weight: 8, arbitrary: shown },
  { weight: 1, arbitrary: fc.constantFrom<Block>({ type: 'browser_state' }, { type: 'tool_reference' }) },
);

const step = fc.record({
  id: signed(callId),
  call: fc.record(
    {
      name: toolName,
      input: jsonObject,
      caller: fc.constantFrom({ type: 'direct' }, { type: 'code_execution_20260120' }),
      toolset_name: fc.constant('browser'),
    },
    { requiredKeys: ['name', 'input'] },
  ),
  result: fc.record(
    { content: fc.oneof(anyText, fc.array(resultBlock, { maxLength: 3 })), is_error: fc.boolean() },
    { requiredKeys: [] },
  ),
});

const turn: fc.Arbitrary<MessageParam[]> = fc
  .tuple(
    fc.array(assistantBlock, { maxLength: 3 }),
    fc.oneof(fc.constant([]), fc.array(step, { minLength: 1, maxLength: 3 })),
    fc.oneof(
      { weight: 6, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(assistantBlock, { maxLength: 1 }) },
    ),
    fc.array(saidBlock, { maxLength: 1 }),
  )
  .map(([before, steps, after, also]) => {
    const calls = steps.map(({ id, call }) => ({ type: 'tool_use', id, ...call }));
    const results = steps.map(({ id, result }) => ({ type: 'tool_result', tool_use_id: id, ...result }));
    const answer = { role: 'assistant', content: [...before, ...calls, ...after] };
    return results.length > 0 ? [answer, { role: 'user', content: [...results, ...also] }] : [answer];
  });

const messages = fc
  .tuple(
    user,
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: turn },
        { weight: 3, arbitrary: user.map((message) => [message]) },
        { weight: 1, arbitrary: text.map((content) => [{ role: 'assistant', content }]) },
        { weight: 1, arbitrary: system.map((message) => [message]) },
      ),
      { maxLength: 4 },
    ),
  )
  .map(([first, rest]) => [first, ...rest.flat()]);

const tool: fc.Arbitrary<MessagesTool> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        type: fc.constantFrom('custom', null),
        name: toolName,
        description: anyText,
        input_schema: schema,
        strict: fc.boolean(),
        eager_input_streaming: orNull(fc.boolean()),
        input_examples: fc.constant([{ city: 'Paris' }]),
      },
      { requiredKeys: ['name', 'input_schema'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<MessagesTool>(
      { type: 'bash_20250124', name: 'bash' },
      { type: 'web_search_20250305', name: 'web_search' },
    ),
  },
);
const isSerial = fc.record({ disable_parallel_tool_use: fc.boolean() }, { requiredKeys: [] });
const choice = fc.oneof(
  fc.tuple(fc.constantFrom('auto', 'any'), isSerial).map(([type, serial]) => ({ type, ...serial })),
  fc.tuple(toolName, isSerial).map(([name, serial]) => ({ type: 'tool', name, ...serial })),
  fc.constant({ type: 'none' }),
);
const format = orNull(schema.map((asked) => ({ type: 'json_schema', schema: asked })));
const display = orNull(fc.constantFrom('summarized', 'omitted'));
const fraction = fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10);

const options = partial({
  system: fc.oneof(anyText, fc.array(textBlock, { maxLength: 2 })),
  tools: fc.array(tool, { maxLength: 3 }),
  tool_choice: choice,
  thinking: fc.oneof(
    fc.record({ type: fc.constant('enabled'), budget_tokens: fc.constantFrom(1024, 5000, 16_384), display }),
    fc.record({ type: fc.constant('adaptive'), display }),
    fc.constantFrom({ type: 'disabled' }, { type: 'between_tools' }),
  ),
  output_config: fc.record(
    { effort: orNull(fc.constantFrom('low', 'medium', 'high', 'xhigh', 'max')), format },
    { requiredKeys: [] },
  ),
  stop_sequences: fc.array(text, { maxLength: 6 }),
  temperature: fraction,
  top_p: fraction,
  top_k: fc.nat(40),
});
const beside = partial({
  stream: fc.boolean(),
  metadata: fc.constantFrom({}, { user_id: 'user-1' }),
  diagnostics: fc.constantFrom(null, { previous_message_id: 'msg_1' }),
  cache_control: fc.constantFrom({ type: 'ephemeral' }, { type: 'ephemeral', ttl: '1h' }),
  service_tier: fc.constant('auto'),
  x_unknown: fc.constant({ any: 1 }),
});

/** Bodies of `POST /v1/messages`. */
export const messagesBody: fc.Arbitrary<MessagesBody> = fc
  .tuple(
    messages,
    fc.integer({ min: 1, max: 99_999 }),
    fc.oneof(
      options,
      format.map((older) => ({ output_format: older })),
    ),
    fc.oneof(fc.constant({}), beside),
  )
  .map(([conversation, limit, settings, extras]) => ({
    model: 'm',
    max_tokens: limit,
    messages: conversation,
    ...settings,
    ...extras,
  }));
