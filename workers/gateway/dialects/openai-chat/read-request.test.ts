import fc from 'fast-check';
import type OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { openAiChatRequest } from '../../../../shared/contracts/http/openai/chat-completions.ts';
import { droppedFields } from '../dropped-fields.ts';
import { signedId } from '../signed-ids.ts';
import { readRequest } from './read-request.ts';

type Body = OpenAI.ChatCompletionCreateParams;
type Messages = Body['messages'];

const USER = { role: 'user', content: 'hi' } as const;
const UNSUPPORTED = 'was ignored: the provider does not support it';

/** What the schema lets through, read. The clients' own extensions are no part of OpenAI's types. */
function read(body: Partial<Body> & Readonly<Record<string, unknown>>) {
  return readRequest(openAiChatRequest.parse({ model: 'gpt-5', messages: [USER], max_completion_tokens: 10, ...body }));
}

function readOk(body: Parameters<typeof read>[0]) {
  const result = read(body);
  if (!result.ok) throw new Error(result.error.detail);
  return result.value;
}

const faults = (messages: Messages) => {
  const result = read({ messages });
  return result.ok ? [] : result.error.errors;
};

const call = (id: string, name = 'look') =>
  ({
    id,
    type: 'function',
    function: { name, arguments: '{}' },
  }) as const satisfies OpenAI.ChatCompletionMessageToolCall;

describe('the options of a chat', () => {
  it('are all taken along, to OpenAI as they are', () => {
    const tool = { name: 'look', description: 'Looks.', parameters: { type: 'object' }, strict: true };
    const options = {
      temperature: 0,
      top_p: 0.9,
      frequency_penalty: -1,
      presence_penalty: 1,
      stop: ['END'],
      seed: 7,
      n: 1,
      reasoning_effort: 'low',
      tools: [{ type: 'function', function: tool }],
      tool_choice: { type: 'function', function: { name: 'look' } },
      parallel_tool_calls: false,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'word', description: 'A word.', schema: { type: 'string' }, strict: true },
      },
    } as const;
    expect(readOk({ ...options, tools: [...options.tools], stop: ['END'] })).toStrictEqual({
      model: 'gpt-5',
      input: {
        messages: [USER],
        maxOutputTokens: 10,
        temperature: 0,
        topP: 0.9,
        frequencyPenalty: -1,
        presencePenalty: 1,
        stop: ['END'],
        seed: 7,
        reasoningEffort: 'low',
        tools: [tool],
        toolChoice: { name: 'look' },
        parallelToolCalls: false,
        responseFormat: {
          type: 'json',
          name: 'word',
          description: 'A word.',
          schema: { type: 'string' },
          strict: true,
        },
      },
      native: { format: 'openai-chat', body: { messages: [USER], ...options }, maxOutputTokens: 10 },
      unsaid: [],
      unsent: [],
      warnings: [],
      stream: false,
      includeUsage: false,
    });
  });

  it('are as if absent where they are null, and OpenAI gets none of them', () => {
    const nothing = Object.fromEntries(
      Object.keys(openAiChatRequest.shape)
        .filter((key) => key !== 'model' && key !== 'messages')
        .map((key) => [key, null]),
    );
    expect(readOk(nothing)).toStrictEqual({
      model: 'gpt-5',
      input: { messages: [USER] },
      native: { format: 'openai-chat', body: { messages: [USER] }, maxOutputTokens: 4096 },
      unsaid: [],
      unsent: [],
      warnings: ['max_completion_tokens was not set: 4096 applies'],
      stream: false,
      includeUsage: false,
    });
  });

  it('have one output limit, and ask for a stream, neither of which is in what goes to OpenAI', () => {
    const body = { max_tokens: 20, stream: true, stream_options: { include_usage: true } } as const;
    const value = readOk({ ...body, max_completion_tokens: null });
    expect(value).toMatchObject({ input: { maxOutputTokens: 20 }, stream: true, includeUsage: true, warnings: [] });
    expect(value.native).toStrictEqual({ format: 'openai-chat', body: { messages: [USER] }, maxOutputTokens: 20 });
    expect(readOk(body).input.maxOutputTokens).toBe(10);
  });

  it('tell what only OpenAI understands, once, and nothing of what asks for nothing', () => {
    const only = {
      verbosity: 'low',
      logprobs: true,
      top_logprobs: 2,
      logit_bias: { 1: -1 },
      user: 'u',
      safety_identifier: 's',
      prompt_cache_key: 'k',
      prompt_cache_retention: '24h',
      prompt_cache_options: { mode: 'explicit' },
      metadata: { a: 'b' },
      store: true,
    } as const;
    const value = readOk(only);
    expect(value.unsaid).toEqual(Object.keys(only).map((name) => `${name} ${UNSUPPORTED}`));
    expect(value.native?.body).toEqual({ messages: [USER], ...only });
    expect(readOk({ logprobs: false, store: false, metadata: {}, logit_bias: {} }).unsaid).toEqual([]);
    const named = { role: 'user', content: 'hi', name: 'Ann' } as const;
    expect(readOk({ messages: [named, named] }).unsaid).toEqual([`name of a message ${UNSUPPORTED}`]);
    expect(readOk({ stream_options: { include_obfuscation: false } }).warnings).toEqual([
      `stream_options.include_obfuscation ${UNSUPPORTED}`,
    ]);
  });

  it.each([
    ['minimal', 'low'],
    ['xhigh', 'high'],
    ['max', 'high'],
  ] as const)('have the nearest effort to %s for others', (reasoning_effort, reasoningEffort) => {
    const value = readOk({ reasoning_effort });
    expect(value.input.reasoningEffort).toBe(reasoningEffort);
    expect(value.unsaid).toEqual([
      `reasoning_effort ${reasoning_effort} was taken for ${reasoningEffort}: the provider does not support it`,
    ]);
    expect(value.native?.body).toMatchObject({ reasoning_effort });
  });

  it.each([
    [{ type: 'text' }, { type: 'text' }],
    [{ type: 'json_object' }, { type: 'json' }],
    [
      { type: 'json_schema', json_schema: { name: 'a' } },
      { type: 'json', name: 'a' },
    ],
  ] as const)('ask for the format %j', (response_format, expected) => {
    expect(readOk({ response_format }).input.responseFormat).toEqual(expected);
  });

  it('may be one stop text', () => {
    expect(readOk({ stop: 'END' }).input.stop).toEqual(['END']);
    expect(readOk({ stop: [] }).input).not.toHaveProperty('stop');
  });
});

describe('the tools of a chat', () => {
  const functionTool = { type: 'function', function: { name: 'look' } } as const;
  const custom = { type: 'custom', custom: { name: 'grep' } } as const;

  it('lose what is not offered, with a warning and without an error', () => {
    const tools = [functionTool, custom, custom, { type: 'web_search', deep: { er: 1 } }];
    const allowed = { mode: 'required', tools: [functionTool, custom] };
    const options: Readonly<Record<string, unknown>> = {
      tools,
      tool_choice: { type: 'allowed_tools', allowed_tools: allowed },
    };
    const value = readOk(options);
    expect(value.input).toMatchObject({
      tools: [{ name: 'look', parameters: { type: 'object', properties: {} } }],
      toolChoice: 'required',
    });
    expect(value.native?.body).toMatchObject({
      tools: [functionTool],
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [functionTool] } },
    });
    expect(value.warnings).toEqual([
      'tools of type custom were ignored: they are not offered',
      'tools of type web_search were ignored: they are not offered',
    ]);
    expect(value.unsaid).toEqual([]);
    const body = { model: 'gpt-5', messages: [USER], tools };
    expect(droppedFields(body, openAiChatRequest.parse(body))).toEqual([]);
  });

  it('that are not allowed are not offered to a provider without such a choice', () => {
    const write = { type: 'function', function: { name: 'write' } } as const;
    const choiceOf = (...tools: { [key: string]: unknown }[]) =>
      ({ type: 'allowed_tools', allowed_tools: { mode: 'auto', tools } }) as const;
    const value = readOk({ tools: [functionTool, write], tool_choice: choiceOf(functionTool) });
    expect(value.input).toMatchObject({ tools: [{ name: 'look' }], toolChoice: 'auto' });
    expect(value.input).not.toMatchObject({ tools: [{ name: 'look' }, { name: 'write' }] });
    expect(value.native?.body).toMatchObject({ tools: [functionTool, write], tool_choice: choiceOf(functionTool) });
    const none = readOk({ tools: [functionTool, write], tool_choice: choiceOf({ type: 'custom', name: 'grep' }) });
    expect(none.input).not.toHaveProperty('tools');
  });

  it('take their choice with them when none is left', () => {
    const value = readOk({ tools: [custom], tool_choice: 'required', parallel_tool_calls: true });
    expect(value.input).toEqual({ messages: [USER], maxOutputTokens: 10 });
    expect(value.native?.body).toEqual({ messages: [USER] });
    expect(value.warnings).toContain(`tool_choice without tools ${UNSUPPORTED}`);
    expect(readOk({ tool_choice: 'auto' }).warnings).toEqual([]);
  });

  it('may be chosen freely where a custom one was named', () => {
    const value = readOk({ tools: [functionTool, custom], tool_choice: { type: 'custom', custom: { name: 'grep' } } });
    expect(value.input).not.toHaveProperty('toolChoice');
    expect(value.native?.body).not.toHaveProperty('tool_choice');
    expect(value.warnings).toContain('tool_choice of type custom was ignored: it is not offered');
  });
});

describe('the messages of a chat', () => {
  it('keep their order, and instructions come one by one', () => {
    const messages: Messages = [
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: '' },
          { type: 'text', text: 'b' },
        ],
      },
      { role: 'system', content: 'c' },
      { role: 'user', content: [{ type: 'text', text: 'd' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'e' },
          { type: 'refusal', refusal: 'f' },
        ],
        refusal: 'g',
      },
      { role: 'assistant', content: null, tool_calls: [call('call_1'), call('call_2', 'find')] },
      { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'h' }] },
      { role: 'tool', tool_call_id: 'call_1', content: '' },
    ];
    const value = readOk({ messages });
    expect(value.input.messages).toStrictEqual([
      { role: 'system', content: 'a' },
      { role: 'system', content: 'b' },
      { role: 'system', content: 'c' },
      { role: 'user', content: [{ type: 'text', text: 'd' }] },
      { role: 'assistant', content: ['e', 'f', 'g'].map((text) => ({ type: 'text', text })) },
      {
        role: 'assistant',
        content: '',
        toolCalls: [
          { id: 'call_1', name: 'look', arguments: '{}' },
          { id: 'call_2', name: 'find', arguments: '{}' },
        ],
      },
      { role: 'tool', toolCallId: 'call_2', toolName: 'find', content: [{ type: 'text', text: 'h' }] },
      { role: 'tool', toolCallId: 'call_1', toolName: 'look', content: '' },
    ]);
    expect(value.native?.body).toEqual({ messages });
  });

  it('may have images, sound and documents', () => {
    const messages: Messages = [
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/PNG;name=a;base64,AAAA', detail: 'low' } },
          { type: 'image_url', image_url: { url: 'data:image/jpg;base64,AAAA' } },
          { type: 'image_url', image_url: { url: 'https://a.example/a.png', detail: 'original' } },
          { type: 'input_audio', input_audio: { data: 'BBBB', format: 'wav' } },
          { type: 'input_audio', input_audio: { data: 'CCCC', format: 'mp3' } },
          { type: 'file', file: { file_data: 'data:text/plain;base64,DDDD', filename: 'd.txt' } },
          { type: 'file', file: { file_data: 'EEEE' } },
          { type: 'file', file: { file_id: 'file-1' } },
        ],
      },
    ];
    const value = readOk({ messages });
    const inline = (mediaType: string, data: string) => ({ kind: 'base64', mediaType, data });
    expect(value.input.messages).toStrictEqual([
      {
        role: 'user',
        content: [
          { type: 'image', source: inline('image/png', 'AAAA'), detail: 'low' },
          { type: 'image', source: inline('image/jpeg', 'AAAA') },
          { type: 'image', source: { kind: 'url', url: 'https://a.example/a.png' }, detail: 'high' },
          { type: 'file', source: inline('audio/wav', 'BBBB') },
          { type: 'file', source: inline('audio/mpeg', 'CCCC') },
          { type: 'file', source: inline('text/plain', 'DDDD'), filename: 'd.txt' },
          { type: 'file', source: inline('application/pdf', 'EEEE') },
        ],
      },
    ]);
    expect(value.native?.body).toEqual({ messages });
    expect(value.unsaid).toEqual([
      'detail original of an image was taken for high: the provider does not support it',
      `a file by its id ${UNSUPPORTED}`,
    ]);
  });

  it('are refused for every place that has no media that can be passed on', () => {
    const image = (url: string) => ({ type: 'image_url', image_url: { url } }) as const;
    const content = [
      image('http://a.example/a.png'),
      image('data:image/svg+xml,%3Csvg%3E'),
      image('AAAA'),
      { type: 'file', file: {} } as const,
      { type: 'file', file: { file_data: 'data:text/plain,hi' } } as const,
    ];
    expect(faults([USER, { role: 'user', content }])?.map(({ pointer }) => pointer)).toEqual([
      '/messages/1/content/0/image_url/url',
      '/messages/1/content/1/image_url/url',
      '/messages/1/content/2/image_url/url',
      '/messages/1/content/3/file',
      '/messages/1/content/4/file/file_data',
    ]);
  });

  it('are refused for a result without its call, and for saying nothing', () => {
    expect(faults([USER, { role: 'tool', tool_call_id: 'call_9', content: 'x' }])).toEqual([
      { pointer: '/messages/1/tool_call_id', detail: 'is the id of no tool call of an earlier message' },
    ]);
    expect(faults([{ role: 'system', content: '' }])).toEqual([{ pointer: '/messages', detail: 'must say something' }]);
  });

  it('lose calls of custom tools with their results', () => {
    const custom = { id: 'call_c', type: 'custom', custom: { name: 'grep', input: 'x' } } as const;
    const value = readOk({
      messages: [
        USER,
        { role: 'assistant', content: null, tool_calls: [custom] },
        { role: 'tool', tool_call_id: 'call_c', content: 'y' },
        { role: 'assistant', content: 'Then.', tool_calls: [custom, call('call_f')] },
        { role: 'tool', tool_call_id: 'call_f', content: 'z' },
      ],
    });
    expect(value.native?.body).toEqual({
      messages: [
        USER,
        { role: 'assistant', content: 'Then.', tool_calls: [call('call_f')] },
        { role: 'tool', tool_call_id: 'call_f', content: 'z' },
      ],
    });
    expect(value.input.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
    expect(value.warnings).toEqual(['tool calls of type custom were ignored: they are not offered']);
  });

  it('have no id of a call that OpenAI refuses for its length, and one for a call and its result', () => {
    const id = `chatcmpl-tool-${'0'.repeat(32)}`;
    const { native, input } = readOk({
      messages: [
        { role: 'assistant', tool_calls: [call(id), call('call_1')] },
        { role: 'tool', tool_call_id: id, content: 'x' },
      ],
    });
    const [said, result] = Object(native?.body).messages;
    expect(said.tool_calls).toMatchObject([{ id: expect.stringMatching(/^.{1,40}$/) }, { id: 'call_1' }]);
    expect(result.tool_call_id).toBe(said.tool_calls[0].id);
    expect(input.messages).toMatchObject([{ toolCalls: [{ id }, { id: 'call_1' }] }, { toolCallId: id }]);
  });

  it('hand thoughts back ahead of the text, and not to OpenAI', () => {
    const said = { role: 'assistant', content: 'b' } as const;
    const details = [{ type: 'reasoning.text', text: 'a', signature: 's', index: 0 }, { type: 'reasoning.encrypted' }];
    const signed = { ...said, reasoning_content: 'last piece', reasoning_details: details, annotations: [] };
    const plain = { ...said, reasoning_content: 'a' };
    const value = readOk({ messages: [USER, signed, plain] });
    expect(value.input.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'a', signature: 's' },
          { type: 'text', text: 'b' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ]);
    expect(value.native?.body).toEqual({ messages: [USER, said, said] });
    expect(value.unsent).toEqual([
      'reasoning of an earlier turn does not reach the provider: its API has no field for it',
    ]);
    expect(value.warnings).toEqual([
      'reasoning_details of type reasoning.encrypted were ignored: they are not offered',
    ]);
  });

  it('hand signatures back from the ids of calls and their results, for any signature', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), (signature, other) => {
        const [first, second] = [signature, other].map((each, index) =>
          signedId({ id: `call_${index}`, ...(each !== undefined && { signature: each }) }),
        );
        const value = readOk({
          messages: [
            { role: 'assistant', tool_calls: [call(first ?? ''), call(second ?? '')] },
            { role: 'tool', tool_call_id: first ?? '', content: 'x' },
          ],
        });
        expect(value.input.messages).toMatchObject([
          { toolCalls: [{ id: 'call_0', signature }, other === undefined ? { id: 'call_1' } : { signature: other }] },
          { toolCallId: 'call_0', toolName: 'look' },
        ]);
        expect(value.native?.body).toMatchObject({
          messages: [{ tool_calls: [{ id: 'call_0' }, { id: 'call_1' }] }, { tool_call_id: 'call_0' }],
        });
      }),
    );
  });
});
