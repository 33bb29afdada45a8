import { describe, expect, it } from 'vitest';
import { openAiResponsesRequest } from '../../../../shared/contracts/http/openai/responses.ts';
import { toFieldErrors } from '../../field-errors.ts';
import { signedId } from '../signed-ids.ts';
import { read, taken } from './testing/fixtures.ts';

const LIMIT = { max_output_tokens: 100 };
const messagesOf = (input: unknown, over: object = {}) => taken({ input, ...over }).input.messages;
const warningsOf = (over: object) => taken({ input: 'hi', ...LIMIT, ...over }).warnings;
const inputOf = (over: object) => taken({ input: 'hi', ...over }).input;

const CALL = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' };
const OUTPUT = { type: 'function_call_output', call_id: 'c1', output: 'done' };
const F = { type: 'function', name: 'f', parameters: { type: 'object' }, strict: true };
const G = { type: 'function', name: 'g' };

describe('the input of a response', () => {
  it('can be a text, behind the instructions as the first system message', () => {
    expect(messagesOf('hi', { instructions: 'Be kind.' })).toStrictEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'hi' },
    ]);
  });

  it('can be messages with and without a type, in every role', () => {
    const input = [
      {
        role: 'developer',
        content: [
          { type: 'input_text', text: 'a' },
          { type: 'input_text', text: 'b' },
        ],
      },
      { type: 'message', role: 'system', content: 'c' },
      { role: 'user', content: [{ type: 'input_text', text: 'd' }] },
      {
        type: 'message',
        id: 'msg_1',
        status: 'completed',
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'e', annotations: [], logprobs: [] },
          { type: 'refusal', refusal: 'f' },
        ],
      },
      { role: 'assistant', content: 'g' },
    ];
    expect(messagesOf(input)).toStrictEqual([
      { role: 'system', content: 'a\nb' },
      { role: 'system', content: 'c' },
      { role: 'user', content: 'd' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'e' },
          { type: 'text', text: 'f' },
        ],
      },
      { role: 'assistant', content: 'g' },
    ]);
  });

  it('has images and files inline or at a URL', () => {
    const content = [
      { type: 'input_text', text: 'look' },
      { type: 'input_image', image_url: 'data:image/PNG;charset=x;base64,aGk=', detail: 'low' },
      { type: 'input_image', image_url: 'https://a.example/b.png', detail: 'original' },
      { type: 'input_file', file_data: 'data:text/plain;base64,aGk=', filename: 'a.txt' },
      { type: 'input_file', file_data: 'aGk=' },
      { type: 'input_file', file_url: 'https://a.example/b.pdf' },
    ];
    const { input, warnings } = taken({ input: [{ role: 'user', content }], ...LIMIT });
    const url = 'https://a.example/b.png';
    expect(input.messages).toStrictEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'aGk=' }, detail: 'low' },
          { type: 'image', source: { kind: 'url', url }, detail: 'high' },
          { type: 'file', source: { kind: 'base64', mediaType: 'text/plain', data: 'aGk=' }, filename: 'a.txt' },
          { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'aGk=' } },
          { type: 'file', source: { kind: 'url', url: 'https://a.example/b.pdf' } },
        ],
      },
    ]);
    expect(warnings).toStrictEqual([
      'detail original of an image was taken for high: the provider does not support it',
    ]);
  });

  it.each([
    [{ type: 'input_image', image_url: 'http://a.example/b.png' }, '/input/1/content/0/image_url'],
    [{ type: 'input_image', image_url: 'data:image/png;base64,%%%%' }, '/input/1/content/0/image_url'],
    [{ type: 'input_image' }, '/input/1/content/0'],
    [{ type: 'input_file', file_data: 'data:text/plain,hi' }, '/input/1/content/0/file_data'],
    [{ type: 'input_file', file_url: 'file:///etc/passwd' }, '/input/1/content/0/file_url'],
  ])('refuses the media %j', (part, pointer) => {
    const result = read({
      input: [
        { role: 'user', content: 'hi' },
        { role: 'user', content: [part] },
      ],
    });
    expect(result).toMatchObject({ ok: false, error: { code: 'bad_request', errors: [{ pointer }] } });
  });

  it('leaves out files by their id, and says so once', () => {
    const byId = { type: 'input_image', file_id: 'file-1' };
    const content = [byId, byId, { type: 'input_text', text: 'look' }];
    expect(taken({ input: [{ role: 'user', content }], ...LIMIT })).toMatchObject({
      input: { messages: [{ role: 'user', content: 'look' }] },
      warnings: ['input_image by its file_id was ignored: files are not stored here'],
    });
  });

  it('makes one message of what the assistant thought, said and called in one turn', () => {
    const input = [
      { role: 'user', content: 'hi' },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'proof' },
      { role: 'assistant', content: 'I look.' },
      { ...CALL, call_id: signedId({ id: 'c1', signature: 's' }) },
      { ...CALL, call_id: 'c2', name: 'g', arguments: '{"a":1}', id: 'fc_2', status: 'completed' },
      { ...OUTPUT, call_id: signedId({ id: 'c1', signature: 's' }) },
      { ...OUTPUT, call_id: 'c2', output: [{ type: 'input_text', text: 'seen' }] },
      { role: 'assistant', content: 'Done.' },
    ];
    expect(messagesOf(input)).toStrictEqual([
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.', signature: 'proof' },
          { type: 'text', text: 'I look.' },
        ],
        toolCalls: [
          { id: 'c1', name: 'f', arguments: '{}', signature: 's' },
          { id: 'c2', name: 'g', arguments: '{"a":1}' },
        ],
      },
      { role: 'tool', toolCallId: 'c1', toolName: 'f', content: 'done' },
      { role: 'tool', toolCallId: 'c2', toolName: 'g', content: [{ type: 'text', text: 'seen' }] },
      { role: 'assistant', content: 'Done.' },
    ]);
  });

  it('keeps calls and results of two turns apart, and a text behind a call in the turn of the call', () => {
    const said = { role: 'assistant', content: 'Wait.' };
    expect(messagesOf([CALL, said, OUTPUT, { ...CALL, call_id: 'c2' }, { ...OUTPUT, call_id: 'c2' }])).toStrictEqual([
      { role: 'assistant', content: 'Wait.', toolCalls: [{ id: 'c1', name: 'f', arguments: '{}' }] },
      { role: 'tool', toolCallId: 'c1', toolName: 'f', content: 'done' },
      { role: 'assistant', content: '', toolCalls: [{ id: 'c2', name: 'f', arguments: '{}' }] },
      { role: 'tool', toolCallId: 'c2', toolName: 'f', content: 'done' },
    ]);
  });

  it('says that what follows a call was moved, and that a message lost its phase', () => {
    const said = { role: 'assistant', content: 'Wait.' };
    const moved = 'what came after a function_call was moved ahead of it: the provider has calls at the end only';
    expect(taken({ input: [CALL, said, OUTPUT], ...LIMIT }).warnings).toStrictEqual([moved]);
    expect(taken({ input: [said, CALL, OUTPUT, said], ...LIMIT }).warnings).toStrictEqual([]);
    const { warnings } = taken({
      input: ['hi', 'ho'].map((content) => ({ ...said, content, phase: 'commentary' })),
      ...LIMIT,
    });
    expect(warnings).toStrictEqual(['phase of a message was ignored: the provider does not support it']);
  });

  it('prefers a thought’s own text to its summary', () => {
    const content = [{ type: 'reasoning_text', text: 'all of it' }];
    const thought = { type: 'reasoning', summary: [{ type: 'summary_text', text: 'short' }], content };
    expect(messagesOf([thought, { role: 'assistant', content: 'a' }])).toMatchObject([
      { content: [{ type: 'reasoning', text: 'all of it' }, { type: 'text' }] },
    ]);
  });

  it('leaves out items of other kinds without failing, and says so once per kind', () => {
    const search = { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search' } };
    const { input, warnings } = taken({ input: [CALL, search, search, { ...CALL, call_id: 'c2' }], ...LIMIT });
    expect(input.messages).toMatchObject([{ toolCalls: [{ id: 'c1' }, { id: 'c2' }] }]);
    expect(warnings).toStrictEqual(['an item of type web_search_call was ignored: the provider does not support it']);
  });

  it('refuses an output whose call is not there, and names it', () => {
    expect(read({ input: [CALL, { ...OUTPUT, call_id: 'other' }] })).toMatchObject({
      ok: false,
      error: { code: 'bad_request', errors: [{ pointer: '/input/1/call_id' }] },
    });
  });

  it.each([[[]], [[{ role: 'user', content: '' }]], [undefined]])(
    'refuses the input %j, which says nothing',
    (input) => {
      expect(read({ input, instructions: 'Be kind.' })).toMatchObject({
        ok: false,
        error: { code: 'bad_request', errors: [{ pointer: '/input' }] },
      });
    },
  );

  it.each([
    [{ previous_response_id: 'resp_1' }, '/previous_response_id'],
    [{ conversation: { id: 'conv_1' } }, '/conversation'],
    [{ prompt: { id: 'pmpt_1' } }, '/prompt'],
    [{ background: true }, '/background'],
    [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, '/input/0'],
  ])('refuses what would have to be stored: %j', (over, pointer) => {
    expect(read({ input: 'hi', ...over })).toMatchObject({
      ok: false,
      error: { code: 'not_supported', errors: [{ pointer }] },
    });
  });

  it.each([
    [{ input: [{ ...CALL, arguments: 1 }] }, '/input/0/arguments'],
    [{ input: [{ role: 'nobody', content: 'hi' }] }, '/input/0/role'],
    [{ input: [{ role: 'user', content: [{ type: 'input_smell' }] }] }, '/input/0/content/0/type'],
    [{ tools: [{ type: 'function', name: 'not a name' }] }, '/tools/0/name'],
    [{ temperature: 3 }, '/temperature'],
  ])('names the wrong field of %j', (over, pointer) => {
    const { error } = openAiResponsesRequest.safeParse({ model: 'm', input: 'hi', ...over });
    expect(toFieldErrors(error?.issues ?? [])).toMatchObject([{ pointer }]);
  });
});

describe('the settings of a response', () => {
  it('become ours', () => {
    const settings = {
      max_output_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      reasoning: { effort: 'medium', summary: 'auto' },
      tools: [F, G],
      tool_choice: { type: 'function', name: 'g' },
      parallel_tool_calls: false,
      text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, description: 'd', strict: true } },
      include: ['reasoning.encrypted_content'],
      store: false,
      truncation: 'disabled',
    };
    expect(taken({ input: 'hi', ...settings })).toMatchObject({ model: 'm', stream: false, unsaid: [], warnings: [] });
    expect(inputOf(settings)).toStrictEqual({
      messages: [{ role: 'user', content: 'hi' }],
      maxOutputTokens: 50,
      temperature: 0.5,
      topP: 0.9,
      reasoningEffort: 'medium',
      tools: [
        { name: 'f', parameters: { type: 'object' }, strict: true },
        { name: 'g', parameters: { type: 'object', properties: {} } },
      ],
      toolChoice: { name: 'g' },
      parallelToolCalls: false,
      responseFormat: { type: 'json', name: 'n', schema: { type: 'object' }, description: 'd', strict: true },
    });
  });

  it('are left to the provider where they are null', () => {
    const nothing = { temperature: null, top_p: null, tools: null, tool_choice: null, text: null, reasoning: null };
    expect(inputOf({ ...nothing, instructions: null, metadata: null, stream: null })).toStrictEqual({
      messages: [{ role: 'user', content: 'hi' }],
    });
  });

  it('ask for any JSON with json_object, and for nothing with text', () => {
    expect(inputOf({ text: { format: { type: 'json_object' } } }).responseFormat).toStrictEqual({ type: 'json' });
    expect(inputOf({ text: { format: { type: 'text' } } }).responseFormat).toBeUndefined();
  });

  it.each([
    ['minimal', 'low', 1],
    ['low', 'low', 0],
    ['xhigh', 'high', 1],
    ['none', 'none', 0],
  ])('take the effort %s for %s', (effort, taking, warnings) => {
    expect(inputOf({ reasoning: { effort } }).reasoningEffort).toBe(taking);
    expect(warningsOf({ reasoning: { effort } })).toHaveLength(warnings);
  });

  it('offer only the tools that tool_choice allows', () => {
    const allowed = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'g' }] };
    const { input, echo } = taken({ input: 'hi', tools: [F, G], tool_choice: allowed });
    expect(input).toMatchObject({ tools: [{ name: 'g' }], toolChoice: 'required' });
    expect(echo).toMatchObject({ tools: [{ name: 'f' }, { name: 'g' }], tool_choice: allowed });
  });

  it('lose tools that are no functions, and the choice of one', () => {
    const tools = [{ type: 'web_search', filters: {} }, { type: 'web_search' }, F];
    const over = { input: 'hi', ...LIMIT, tools, tool_choice: { type: 'web_search_preview' } };
    const { input, echo, warnings } = taken(over);
    expect(input.tools).toHaveLength(1);
    expect(input.toolChoice).toBeUndefined();
    expect(echo).toMatchObject({ tools: [{ name: 'f' }], tool_choice: 'auto' });
    expect(warnings).toStrictEqual([
      'a tool of type web_search was ignored: the provider does not support it',
      'tool_choice of type web_search_preview was ignored: the provider does not support it',
    ]);
  });

  it('have no choice of tools without a tool: a provider would refuse it', () => {
    const { input, warnings } = taken({ input: 'hi', ...LIMIT, tool_choice: 'required', parallel_tool_calls: true });
    expect(Object.keys(input)).toStrictEqual(['messages', 'maxOutputTokens']);
    expect(warnings).toStrictEqual(['tool_choice without tools was ignored: the provider does not support it']);
    expect(warningsOf({ tool_choice: 'auto', tools: [] })).toStrictEqual([]);
  });

  it('warn of each thing that no provider gets', () => {
    const over = {
      max_output_tokens: null,
      store: true,
      truncation: 'auto',
      text: { verbosity: 'low' },
      reasoning: { generate_summary: 'detailed' },
      include: ['message.output_text.logprobs'],
      stream_options: { include_obfuscation: true },
      user: 'u',
      safety_identifier: 's',
      prompt_cache_key: 'p',
    };
    expect(warningsOf(over).map((warning) => warning.replace(/ was (not set|ignored).*/, ''))).toStrictEqual([
      'max_output_tokens',
      'store',
      'reasoning.summary detailed',
      'text.verbosity',
      'truncation auto',
      'stream_options.include_obfuscation',
      'include message.output_text.logprobs',
      'user',
      'safety_identifier',
      'prompt_cache_key',
    ]);
  });
});
