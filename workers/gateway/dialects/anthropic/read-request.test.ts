import type { MessageCreateParamsBase, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, it } from 'vitest';
import { anthropicCountTokensRequest } from '../../../../shared/contracts/http/anthropic/count-tokens.ts';
import { anthropicMessagesRequest } from '../../../../shared/contracts/http/anthropic/messages.ts';
import { chatInput } from '../../../../shared/contracts/http/chat-input.ts';
import { toFieldErrors } from '../../field-errors.ts';
import { droppedFields } from '../dropped-fields.ts';
import { signedId } from '../signed-ids.ts';
import { readCountRequest, readRequest } from './read-request.ts';
import { writeAnthropicError } from './write-error.ts';

const BASE = { model: 'claude', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] } as const;
const unsupported = (thing: string) => `${thing} was ignored: the provider does not support it`;
const notOffered = (thing: string) => `${thing} was ignored: it is not offered here`;

/** Reads a body as a route does, and checks that what comes out is an input that the platform takes. */
function read(body: object) {
  const result = readRequest(anthropicMessagesRequest.parse({ ...BASE, ...body }));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  chatInput.parse(result.value.input);
  return result.value;
}

/** The same for what the official client can send. */
const readTyped = (body: Partial<MessageCreateParamsBase>) => read(body);
const readMessages = (...messages: MessageParam[]) => read({ messages });
const nativeOf = (body: object) => Object(read(body).native?.body);

function faultsOf(body: object) {
  const parsed = anthropicMessagesRequest.safeParse({ ...BASE, ...body });
  if (!parsed.success) return toFieldErrors(parsed.error.issues).map(({ pointer }) => pointer);
  const result = readRequest(parsed.data);
  return result.ok ? [] : (result.error.errors ?? []).map(({ pointer }) => pointer);
}

const call = (id: string, name = 'f', input: object = { a: 1 }) => ({ type: 'tool_use', id, name, input }) as const;
const result = (tool_use_id: string) => ({ type: 'tool_result', tool_use_id, content: 'done' }) as const;

describe("a request of Anthropic's", () => {
  it('is read whole: options in their own words, and natively as it came', () => {
    const said = {
      system: 'Be kind.',
      stop_sequences: ['.'],
      tools: [{ name: 'f', description: 'does f', input_schema: { type: 'object', properties: {} }, strict: true }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      output_config: { effort: 'medium', format: { type: 'json_schema', schema: { type: 'object' } } },
    } as const;
    expect(read({ ...said, temperature: 0.5, top_p: 0.9, top_k: 5, stream: true })).toStrictEqual({
      model: 'claude',
      stream: true,
      input: {
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'hi' },
        ],
        maxOutputTokens: 100,
        temperature: 0.5,
        topP: 0.9,
        topK: 5,
        stop: ['.'],
        reasoningEffort: 'medium',
        tools: [{ name: 'f', description: 'does f', parameters: { type: 'object', properties: {} }, strict: true }],
        toolChoice: 'required',
        parallelToolCalls: false,
        responseFormat: { type: 'json', schema: { type: 'object' } },
      },
      native: { format: 'anthropic-messages', body: { ...said, messages: BASE.messages }, maxOutputTokens: 100 },
      unsaid: [],
      unsent: ['temperature', 'top_p', 'top_k'].map((name) => `${name} does not reach Anthropic: its API refuses it`),
      warnings: [],
    });
  });

  it('has no field natively that costs extra or is a second thing to pay', () => {
    const extras = {
      service_tier: 'auto',
      mcp_servers: [],
      container: 'c',
      inference_geo: 'us',
      speed: 'fast',
      fallbacks: [],
      context_management: { edits: [] },
    };
    const body = { ...BASE, ...extras };
    const parsed = anthropicMessagesRequest.parse(body);
    expect(parsed).toStrictEqual(BASE);
    expect(droppedFields(body, parsed)).toEqual(Object.keys(extras).map((name) => `/${name}`));
  });

  it('loses the hour of a cache mark, and with it the dearer write', () => {
    const text = (ttl: string) => ({ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl } });
    const body = { ...BASE, messages: [{ role: 'user', content: [text('1h'), text('5m')] }] };
    const parsed = anthropicMessagesRequest.parse(body);
    expect(droppedFields(body, parsed)).toEqual(['/messages/0/content/0/cache_control/ttl']);
    expect(
      nativeOf(parsed)
        .messages[0].content.map(Object)
        .map((block: object) => Object(block).cache_control),
    ).toEqual([{ type: 'ephemeral' }, { type: 'ephemeral', ttl: '5m' }]);
  });

  it.each([
    [
      'a wrong block of a known type',
      { messages: [{ role: 'user', content: [{ type: 'text' }] }] },
      '/messages/0/content/0/text',
    ],
    [
      'a source that is not offered',
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] }] },
      '/messages/0/content/0/source/type',
    ],
    ['a tool without a schema', { tools: [{ name: 'f' }] }, '/tools/0/input_schema'],
    [
      'a result without a call',
      { messages: [{ role: 'user', content: [result('x')] }] },
      '/messages/0/content/0/tool_use_id',
    ],
    [
      'a turn of the user without content',
      { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
      '/messages/0/content',
    ],
    ['an output limit of nothing', { max_tokens: 0 }, '/max_tokens'],
  ])('is refused for %s, by its place', (_, body, pointer) => {
    expect(faultsOf(body)).toEqual([pointer]);
  });
});

describe('its messages', () => {
  it('become tool messages where they are results, in order with the rest', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } } as const;
    const { input, unsaid } = readMessages(
      { role: 'user', content: 'go' },
      { role: 'assistant', content: [{ type: 'text', text: 'Sure.' }, call('1'), call('2', 'g', {})] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'first' },
          result('1'),
          { type: 'tool_result', tool_use_id: '2', is_error: true, content: [{ type: 'text', text: 'no' }, image] },
          { type: 'text', text: 'and now?' },
        ],
      },
    );
    expect(input.messages.slice(1)).toStrictEqual([
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'Sure.' }],
        toolCalls: [
          { id: '1', name: 'f', arguments: '{"a":1}' },
          { id: '2', name: 'g', arguments: '{}' },
        ],
      },
      { role: 'user', content: [{ type: 'text', text: 'first' }] },
      { role: 'tool', toolCallId: '1', toolName: 'f', content: 'done' },
      {
        role: 'tool',
        toolCallId: '2',
        toolName: 'g',
        content: [
          { type: 'text', text: 'no' },
          { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
        ],
        isError: true,
      },
      { role: 'user', content: [{ type: 'text', text: 'and now?' }] },
    ]);
    expect(unsaid).toEqual([]);
  });

  it('take the signature out of a call, and give Anthropic the plain id', () => {
    const id = signedId({ id: 'call_1', signature: 'ß~' });
    const messages = [
      { role: 'user', content: 'go' },
      { role: 'assistant', content: [call(id)] },
      { role: 'user', content: [result(id)] },
    ];
    expect(read({ messages }).input.messages.slice(1)).toStrictEqual([
      {
        role: 'assistant',
        content: '',
        toolCalls: [{ id: 'call_1', name: 'f', arguments: '{"a":1}', signature: 'ß~' }],
      },
      { role: 'tool', toolCallId: 'call_1', toolName: 'f', content: 'done' },
    ]);
    expect(nativeOf({ messages }).messages.slice(1)).toStrictEqual([
      { role: 'assistant', content: [call('call_1')] },
      { role: 'user', content: [result('call_1')] },
    ]);
  });

  it('give Anthropic no id of a call that it refuses, and one for a call and its result', () => {
    const id = 'functions.f:0';
    const { input, native } = readMessages(
      { role: 'assistant', content: [call(id), call('toolu_1')] },
      { role: 'user', content: [result(id), result('toolu_1')] },
    );
    const [called, answered] = Object(native?.body).messages;
    const ids = called.content.map(({ id: own }: { id: string }) => own);
    expect(ids).toEqual([expect.stringMatching(/^[a-zA-Z0-9_-]+$/), 'toolu_1']);
    expect(answered.content.map(({ tool_use_id: own }: { tool_use_id: string }) => own)).toEqual(ids);
    expect(input.messages[0]).toMatchObject({ toolCalls: [{ id }, { id: 'toolu_1' }] });
  });

  it('hand thoughts back, but those of other providers not to Anthropic', () => {
    const own = { type: 'thinking', thinking: 'Hm.', signature: 'abc' };
    const redacted = { type: 'redacted_thinking', data: 'data' };
    const others = [
      { type: 'thinking', thinking: 'Ah.', signature: 'eufm:google:xyz' },
      { type: 'thinking', thinking: 'Oh.', signature: '' },
    ];
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: others },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: [own, redacted, ...others, { type: 'text', text: 'Yes.' }] },
    ];
    const { input, native, unsent } = read({ messages });
    expect(input.messages[3]?.content).toStrictEqual([
      { type: 'reasoning', text: 'Hm.', signature: 'abc' },
      { type: 'reasoning', text: '', signature: 'redacted_thinking:data' },
      { type: 'reasoning', text: 'Ah.', signature: 'xyz' },
      { type: 'reasoning', text: 'Oh.' },
      { type: 'text', text: 'Yes.' },
    ]);
    expect(native?.body.messages).toStrictEqual([
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: [own, redacted, { type: 'text', text: 'Yes.' }] },
    ]);
    expect(unsent).toEqual(['thinking of another provider does not reach Anthropic: its API refuses it']);
  });

  it('leave out what is not offered, once named, and pass no citation of a search on', () => {
    const citation = {
      type: 'web_search_result_location',
      url: 'u',
      title: 't',
      encrypted_index: 'e',
      cited_text: 'c',
    };
    const page = { type: 'page_location', cited_text: 'c', document_index: 0 };
    const search = [
      { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
    ];
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'container_upload', file_id: 'f' },
          { type: 'text', text: 'a' },
        ],
      },
      { role: 'assistant', content: [...search, { type: 'text', text: 'b', citations: [citation, page] }, ...search] },
      { role: 'assistant', content: search },
      { role: 'user', content: 'c' },
    ];
    const body = { ...BASE, messages };
    expect(droppedFields(body, anthropicMessagesRequest.parse(body))).toEqual([]);
    const { input, native, warnings, unsaid } = read(body);
    expect(input.messages).toStrictEqual([
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'b' }] },
      { role: 'user', content: 'c' },
    ]);
    expect(native?.body.messages).toStrictEqual([
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'b', citations: [page] }] },
      { role: 'user', content: 'c' },
    ]);
    expect(warnings).toEqual(['container_upload', 'server_tool_use', 'web_search_tool_result'].map(notOffered));
    expect(unsaid).toEqual([unsupported('citations of a text')]);
  });

  it('turn documents into files, and search results into text', () => {
    const { input, unsaid } = readMessages({
      role: 'user',
      content: [
        { type: 'document', title: 'a.pdf', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' } },
        { type: 'document', context: 'c', source: { type: 'text', media_type: 'text/plain', data: 'grüß' } },
        { type: 'document', source: { type: 'url', url: 'https://x.test/a' }, citations: { enabled: true } },
        { type: 'document', title: 't', source: { type: 'content', content: [{ type: 'text', text: 'chunk' }] } },
        { type: 'search_result', title: 'T', source: 'https://s', content: [{ type: 'text', text: 'found' }] },
        { type: 'image', source: { type: 'url', url: 'https://x.test/b' }, cache_control: { type: 'ephemeral' } },
      ],
    });
    expect(input.messages[0]?.content).toStrictEqual([
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' }, filename: 'a.pdf' },
      { type: 'file', source: { kind: 'base64', mediaType: 'text/plain', data: 'Z3LDvMOf' } },
      { type: 'file', source: { kind: 'url', url: 'https://x.test/a', mediaType: 'application/pdf' } },
      { type: 'text', text: 'chunk' },
      { type: 'text', text: 'T\nhttps://s\nfound' },
      { type: 'image', source: { kind: 'url', url: 'https://x.test/b' } },
    ]);
    expect(unsaid).toEqual([
      unsupported('context of a document'),
      unsupported('citations of a document'),
      unsupported('title of a document made of blocks'),
      'search_result became text: the provider has no such block',
      unsupported('cache_control'),
    ]);
  });

  it('keep system prompts apart, and say when text cannot stay behind a call', () => {
    const { input, unsaid } = read({
      system: [
        { type: 'text', text: 'one' },
        { type: 'text', text: '' },
        { type: 'text', text: 'two' },
      ],
      messages: [
        { role: 'user', content: 'a' },
        { role: 'system', content: 'three' },
        { role: 'assistant', content: [call('1'), { type: 'text', text: 'b' }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: '1' }] },
        { role: 'assistant', content: '' },
      ],
    });
    expect(input.messages).toMatchObject([
      { role: 'system', content: 'one' },
      { role: 'system', content: 'two' },
      { role: 'user', content: 'a' },
      { role: 'system', content: 'three' },
      { role: 'assistant', content: [{ type: 'text', text: 'b' }], toolCalls: [{ id: '1' }] },
      { role: 'tool', content: '' },
    ]);
    expect(unsaid).toEqual(['content after a tool_use was moved ahead of it: the provider has calls at the end only']);
  });
});

describe('its options', () => {
  it.each([
    [{}, undefined],
    [{ thinking: { type: 'disabled' } }, 'none'],
    [{ thinking: { type: 'adaptive' } }, 'high'],
    [{ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }, 'low'],
    [{ output_config: { effort: 'medium' } }, 'medium'],
  ] as const)('%j are the effort %s', (body, effort) => {
    const { input, unsaid } = readTyped(body);
    expect(input.reasoningEffort).toBe(effort);
    expect(unsaid).toEqual([]);
  });

  it.each([
    [4_095, 'low'],
    [4_096, 'medium'],
    [16_384, 'high'],
  ] as const)('take a budget of %i tokens for the effort %s, and say so', (budget_tokens, effort) => {
    const { input, unsaid } = readTyped({ thinking: { type: 'enabled', budget_tokens } });
    expect(input.reasoningEffort).toBe(effort);
    expect(unsaid).toEqual([`thinking.budget_tokens became effort ${effort}: the provider is given no budget`]);
  });

  it('say that an effort beside thinking with a setting of its own goes to Anthropic only', () => {
    const { input, unsaid } = readTyped({ thinking: { type: 'disabled' }, output_config: { effort: 'high' } });
    expect(input.reasoningEffort).toBe('none');
    expect(unsaid).toEqual([unsupported('output_config.effort')]);
  });

  it('say that a call to make is lost where no tool is left to make it with', () => {
    const server = { type: 'web_search_20250305', name: 'web_search' } as const;
    const { input, native, unsaid, unsent } = readTyped({ tools: [server], tool_choice: { type: 'any' } });
    expect(input).not.toHaveProperty('toolChoice');
    expect(native?.body).not.toHaveProperty('tool_choice');
    expect(unsaid).toEqual([unsupported('tool_choice without tools')]);
    expect(unsent).toEqual(['tool_choice does not reach Anthropic: there is no tool that it could choose']);
    expect(readTyped({ tools: [server], tool_choice: { type: 'auto' } })).toMatchObject({ unsaid: [], unsent: [] });
  });

  it('say what of a call, a tool and a long title only Anthropic gets', () => {
    const made = { ...call('1'), toolset_name: 'browser', caller: { type: 'code_execution_20260120' } };
    const source = { type: 'text', media_type: 'text/plain', data: 'a' };
    const { unsaid } = read({
      messages: [
        { role: 'user', content: [{ type: 'document', source, title: 't'.repeat(256) }] },
        { role: 'assistant', content: [made, { ...call('2'), caller: { type: 'direct' } }] },
      ],
      tools: [{ name: 'f', input_schema: { type: 'object' }, eager_input_streaming: true }],
    });
    expect(unsaid).toEqual([
      'title of a document was cut: the provider takes no longer one',
      ...['toolset_name', 'caller of a tool_use', 'eager_input_streaming of a tool'].map(unsupported),
    ]);
  });

  it('say what only Anthropic can do', () => {
    const { input, unsaid, native } = readTyped({
      output_config: { effort: 'max' },
      thinking: { type: 'adaptive', display: 'omitted' },
      metadata: { user_id: 'u' },
      diagnostics: { previous_message_id: null },
      cache_control: { type: 'ephemeral' },
      stop_sequences: ['1', '2', '3', '4', '5'],
    });
    expect(input).toMatchObject({ reasoningEffort: 'high', stop: ['1', '2', '3', '4'] });
    expect(native?.body).toMatchObject({ metadata: { user_id: 'u' }, output_config: { effort: 'max' } });
    expect(native?.body.stop_sequences).toHaveLength(5);
    expect(unsaid).toEqual([
      unsupported('cache_control'),
      unsupported('thinking.display'),
      'output_config.effort max became high: the provider has no more',
      unsupported('metadata.user_id'),
      unsupported('diagnostics'),
      'stop_sequences after the first 4 were ignored: the provider takes no more',
    ]);
  });

  it('send tools that Anthropic defines to Anthropic only, and its server tools to nobody', () => {
    const own = { type: 'custom', name: 'f', input_schema: { type: 'object' } } as const;
    const bash = { type: 'bash_20250124', name: 'bash' } as const;
    const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 5 } as const;
    const mixed = readTyped({ tools: [own, bash, search], tool_choice: { type: 'tool', name: 'bash' } });
    expect(mixed.input).toMatchObject({ tools: [{ name: 'f', parameters: { type: 'object' } }] });
    expect(mixed.input.toolChoice).toBeUndefined();
    expect(mixed.native?.body).toMatchObject({ tools: [own, bash], tool_choice: { type: 'tool', name: 'bash' } });
    expect(mixed.warnings).toEqual([notOffered('web_search_20250305')]);
    expect(mixed.unsaid).toEqual([
      unsupported('tool bash_20250124'),
      unsupported('tool_choice of a tool that was left out'),
    ]);
    const only = readTyped({ tools: [search], tool_choice: { type: 'any' } });
    expect(only.native?.body).toStrictEqual({ messages: BASE.messages });
    expect(only.input).toStrictEqual({ messages: BASE.messages, maxOutputTokens: 100 });
  });

  it('take the older place of an output format', () => {
    const format = { type: 'json_schema', schema: { type: 'object' } };
    const { input, native } = read({ output_format: format });
    expect(input.responseFormat).toEqual({ type: 'json', schema: { type: 'object' } });
    expect(native?.body).toStrictEqual({ messages: BASE.messages, output_config: { format } });
  });
});

it('a request to count tokens is read without a limit, and has no native form', () => {
  const body = anthropicCountTokensRequest.parse({ model: 'm', messages: BASE.messages, system: 'Be kind.' });
  expect(readCountRequest(body)).toStrictEqual({
    ok: true,
    value: {
      model: 'm',
      input: {
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'hi' },
        ],
      },
      unsaid: [],
      warnings: [],
    },
  });
});

describe('a thread', () => {
  it('is refused, so that a client that can do without sends the whole conversation', () => {
    const body = anthropicMessagesRequest.parse({ ...BASE, thread: { type: 'create' } });
    const result = readRequest(body);
    if (result.ok) throw new Error('a thread was taken');
    expect(writeAnthropicError(result.error, 'r')).toMatchObject({
      status: 400,
      body: { error: { details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] } } },
    });
  });

  it('is the only reason that is told so', () => {
    const other = { code: 'not_supported', detail: 'x', errors: [{ pointer: '/other', detail: 'x' }] } as const;
    expect(writeAnthropicError(other, 'r').body).not.toHaveProperty('error.details');
  });
});
