import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest } from '../contract.ts';
import { convertRequest } from './convert-request.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 2_000 };

const convert = (over: Partial<ChatRequest>, model = 'claude-sonnet-5') =>
  convertRequest({ ...REQUEST, ...over }, model);
const messagesOf = (...messages: ChatMessage[]) => Object(convert({ messages }).body).messages;
const unsupported = (thing: string) => `${thing} was ignored: the provider does not support it`;

describe('a request to Anthropic', () => {
  it('moves system messages out, keeps several apart, and warns of what the API does not do', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: 'one' },
      { role: 'user', content: 'hi' },
      { role: 'system', content: 'two' },
    ];
    const options = { temperature: 0, topP: 0.5, topK: 3, seed: 1, frequencyPenalty: 1, presencePenalty: 1 };
    expect(convert({ messages, stop: ['.'], ...options })).toEqual({
      body: {
        model: 'claude-sonnet-5',
        max_tokens: 2_000,
        system: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
        ],
        messages: [{ role: 'user', content: 'hi' }],
        stop_sequences: ['.'],
      },
      warnings: [
        'system messages were moved ahead of the conversation',
        ...['temperature', 'topP', 'topK', 'frequencyPenalty', 'presencePenalty', 'seed'].map(unsupported),
      ],
    });
  });

  /** https://platform.claude.com/docs/en/agents-and-tools/tool-use/parallel-tool-use#tool-results */
  it('hands thoughts, calls and results back, those of parallel calls in one message', () => {
    const call = (id: string, text: string) => ({ id, name: 'f', arguments: text });
    const result = (toolCallId: string, isError?: boolean): ChatMessage => ({
      role: 'tool',
      toolCallId,
      toolName: 'f',
      content: 'done',
      ...(isError && { isError }),
    });
    const thoughts = [
      { type: 'reasoning', text: 'Hm.', signature: 's' },
      { type: 'reasoning', text: '', signature: 'omitted' },
      { type: 'reasoning', text: '', signature: 'redacted_thinking:data' },
      { type: 'text', text: 'Sure.' },
      { type: 'text', text: '' },
    ] as const;
    expect(
      messagesOf(
        { role: 'assistant', content: thoughts, toolCalls: [call('1', '{"a":1}'), call('2', ''), call('3', '{oops')] },
        result('1'),
        result('2', true),
        { role: 'user', content: 'go on' },
        { role: 'assistant', content: '', toolCalls: [call('4', '{}')] },
        result('4'),
      ),
    ).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 's' },
          { type: 'thinking', thinking: '', signature: 'omitted' },
          { type: 'redacted_thinking', data: 'data' },
          { type: 'text', text: 'Sure.' },
          { type: 'tool_use', id: '1', name: 'f', input: { a: 1 } },
          { type: 'tool_use', id: '2', name: 'f', input: {} },
          { type: 'tool_use', id: '3', name: 'f', input: { INVALID_JSON: '{oops' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: '1', content: 'done' },
          { type: 'tool_result', tool_use_id: '2', content: 'done', is_error: true },
        ],
      },
      { role: 'user', content: 'go on' },
      { role: 'assistant', content: [{ type: 'tool_use', id: '4', name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: '4', content: 'done' }] },
    ]);
  });

  /**
   * https://platform.claude.com/docs/en/build-with-claude/vision
   * https://platform.claude.com/docs/en/build-with-claude/pdf-support
   */
  /** Such as Kimi's; Anthropic's own have nothing but letters, digits, `_` and `-`. */
  it('brings ids of calls that other vendors made into a form that the API takes', () => {
    const turn = (...ids: string[]): ChatMessage[] => [
      { role: 'assistant', content: '', toolCalls: ids.map((id) => ({ id, name: 'f', arguments: '{}' })) },
      ...ids.map((id): ChatMessage => ({ role: 'tool', toolCallId: id, toolName: 'f', content: 'done' })),
    ];
    const [{ content: calls }, { content: results }] = messagesOf(...turn('functions.f:0', 'toolu_01-A'));
    const ids = calls.map(({ id }: { id: string }) => id);
    expect(ids).toEqual([expect.stringMatching(/^[a-zA-Z0-9]{9}$/), 'toolu_01-A']);
    expect(results.map(({ tool_use_id: id }: { tool_use_id: string }) => id)).toEqual(ids);
  });

  it('sends images, PDFs and texts, and warns of what it leaves out', () => {
    const inline = (mediaType: string, data = 'AAAA') => ({ kind: 'base64', mediaType, data }) as const;
    const url = { kind: 'url', url: 'https://a.test/x' } as const;
    const content: ChatMessage['content'] & readonly object[] = [
      { type: 'image', source: inline('image/png'), detail: 'high' },
      { type: 'image', source: url },
      { type: 'image', source: inline('image/tiff') },
      { type: 'file', source: inline('application/pdf'), filename: 'a.pdf' },
      { type: 'file', source: url },
      { type: 'file', source: inline('text/csv', btoa('a,b')) },
      { type: 'file', source: inline('image/webp') },
      { type: 'file', source: inline('video/mp4') },
    ];
    const { body, warnings } = convert({ messages: [{ role: 'user', content }] });
    expect(Object(body).messages[0].content).toEqual([
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      { type: 'image', source: { type: 'url', url: 'https://a.test/x' } },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' },
        title: 'a.pdf',
      },
      { type: 'document', source: { type: 'url', url: 'https://a.test/x' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/webp', data: 'AAAA' } },
    ]);
    const left = ['detail of an image', 'an image of type image/tiff', 'a file of type video/mp4'];
    expect(warnings).toEqual(left.map(unsupported));
  });

  it('refuses a message of which nothing can be sent, with the reason', () => {
    const zip = { kind: 'base64', mediaType: 'application/zip', data: 'AAAA' } as const;
    const lost: ChatMessage = { role: 'user', content: [{ type: 'file', source: zip }] };
    expect(() => convert({ messages: [...REQUEST.messages, lost] })).toThrow(
      expect.objectContaining({
        kind: 'validation',
        vendorMessage: `a message has nothing in it that the provider can read: ${unsupported('a file of type application/zip')}`,
      }),
    );
  });

  it('leaves out what an assistant said where nothing of it can be told', () => {
    const thought: ChatMessage = { role: 'assistant', content: [{ type: 'reasoning', text: 'hm' }] };
    const nothing: ChatMessage = { role: 'assistant', content: '' };
    const { body, warnings } = convert({ messages: [thought, nothing, ...REQUEST.messages] });
    expect(Object(body).messages).toEqual(REQUEST.messages);
    expect(warnings).toEqual([unsupported('reasoning without a signature')]);
  });

  it('refuses a text that is not base64', () => {
    const inline = (mediaType: string, data: string) => ({ kind: 'base64', mediaType, data }) as const;
    const broken: ChatMessage = { role: 'user', content: [{ type: 'file', source: inline('text/plain', '%') }] };
    expect(() => convert({ messages: [broken] })).toThrow(expect.objectContaining({ kind: 'validation' }));
  });

  /** https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls */
  it('hands results of tools back with their images and documents', () => {
    const inline = (mediaType: string) => ({ kind: 'base64', mediaType, data: 'AAAA' }) as const;
    const content: ChatMessage['content'] & readonly object[] = [
      { type: 'text', text: 'seen' },
      { type: 'text', text: '' },
      { type: 'image', source: inline('image/png') },
      { type: 'file', source: inline('application/pdf'), filename: 'a.pdf' },
      { type: 'file', source: { kind: 'url', url: 'https://a.test/x' } },
      { type: 'file', source: inline('audio/wav') },
    ];
    const toolCalls = [{ id: '1', name: 'f', arguments: '{}' }];
    const { body, warnings } = convert({
      messages: [
        { role: 'assistant', content: '', toolCalls },
        { role: 'tool', toolCallId: '1', toolName: 'f', content, isError: true },
      ],
    });
    const blocks = [
      { type: 'text', text: 'seen' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' },
        title: 'a.pdf',
      },
      { type: 'document', source: { type: 'url', url: 'https://a.test/x' } },
    ];
    const result = { type: 'tool_result', tool_use_id: '1', content: blocks, is_error: true };
    expect(Object(body).messages[1]).toEqual({ role: 'user', content: [result] });
    expect(warnings).toEqual([unsupported('a file of type audio/wav')]);
  });

  /** https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools */
  it('describes tools', () => {
    const parameters = { type: 'object', properties: { a: { type: 'string', maxLength: 3 } } };
    const { body, warnings } = convert({
      tools: [
        { name: 'f', description: 'does', parameters },
        { name: 'g', parameters, strict: true },
        { name: 'h', parameters: {} },
      ],
    });
    const closed = { a: { type: 'string', description: 'maxLength: 3' } };
    expect(Object(body).tools).toEqual([
      { name: 'f', description: 'does', input_schema: parameters },
      { name: 'g', input_schema: { type: 'object', properties: closed, additionalProperties: false }, strict: true },
      { name: 'h', input_schema: { type: 'object' } },
    ]);
    expect(warnings).toEqual(['the provider does not enforce maxLength of a schema: the model is only told of it']);
  });

  const single = { disable_parallel_tool_use: true };
  it.each([
    [undefined, undefined, undefined],
    [undefined, false, { type: 'auto', ...single }],
    [undefined, true, undefined],
    ['auto', undefined, { type: 'auto' }],
    ['none', false, { type: 'none' }],
    ['required', false, { type: 'any', ...single }],
    [{ name: 'f' }, undefined, { type: 'tool', name: 'f' }],
  ] as const)('turns the tool choice %j with parallel calls %j into %j', (toolChoice, parallelToolCalls, expected) => {
    const tools = [{ name: 'f', parameters: {} }];
    const given = { ...(toolChoice && { toolChoice }), ...(parallelToolCalls !== undefined && { parallelToolCalls }) };
    expect(Object(convert({ tools, ...given }).body).tool_choice).toEqual(expected);
  });

  /** https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
  it('asks for JSON of a schema, and cannot ask for just any', () => {
    const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] };
    const format = { type: 'json_schema', schema: { ...schema, additionalProperties: false } };
    const { body } = convert({ responseFormat: { type: 'json', schema, name: 'answer' }, reasoningEffort: 'low' });
    expect(body).toMatchObject({ output_config: { effort: 'low', format } });
    expect(convert({ responseFormat: { type: 'text' } })).toEqual(convert({}));
    expect(convert({ responseFormat: { type: 'json' } }).warnings).toEqual([
      unsupported('responseFormat json without a schema'),
    ]);
    const described = convert({ responseFormat: { type: 'json', schema, description: 'A number.' } });
    expect(described.warnings).toEqual([unsupported('description of a responseFormat')]);
  });

  /** https://platform.claude.com/docs/en/build-with-claude/thinking#configuring-thinking */
  const adaptive = { type: 'adaptive', display: 'summarized' };
  const budget = (budget_tokens: number) => ({ type: 'enabled', budget_tokens, display: 'summarized' });
  it.each([
    ['claude-sonnet-5', 'high', adaptive, { effort: 'high' }, 0],
    ['claude-opus-4-6', 'low', adaptive, { effort: 'low' }, 0],
    ['claude-model-of-tomorrow', 'medium', adaptive, { effort: 'medium' }, 0],
    ['claude-haiku-4-5', 'low', budget(1_024), undefined, 0],
    ['claude-sonnet-4-5-20250929', 'high', budget(1_999), undefined, 0],
    ['claude-sonnet-5', 'none', { type: 'disabled' }, undefined, 0],
    ['claude-opus-5-5', 'none', undefined, { effort: 'low' }, 1],
    ['claude-fable-5-1', 'none', undefined, { effort: 'low' }, 1],
  ] as const)('asks %s for effort %s', (model, reasoningEffort, thinking, output, warnings) => {
    const converted = convert({ reasoningEffort }, model);
    expect(Object(converted.body)).toMatchObject({ model });
    expect(Object(converted.body).thinking).toEqual(thinking);
    expect(Object(converted.body).output_config).toEqual(output);
    expect(converted.warnings).toHaveLength(warnings);
  });

  it.each([
    ['claude-haiku-4-5', undefined, undefined, 1],
    ['claude-sonnet-5', { type: 'disabled' }, undefined, 1],
    ['claude-opus-5-5', adaptive, { effort: 'high' }, 0],
  ] as const)('does not ask %s for thoughts before a call that is forced', (model, thinking, output, warnings) => {
    const tools = [{ name: 'f', parameters: {} }];
    for (const toolChoice of ['required', { name: 'f' }] as const) {
      const converted = convert({ reasoningEffort: 'high', tools, toolChoice }, model);
      expect(Object(converted.body).thinking).toEqual(thinking);
      expect(Object(converted.body).output_config).toEqual(output);
      expect(converted.warnings).toHaveLength(warnings);
    }
    const free = convert({ reasoningEffort: 'high', tools, toolChoice: 'auto' }, model);
    expect(Object(free.body).thinking).not.toEqual({ type: 'disabled' });
    expect(free.body).toHaveProperty('thinking');
  });

  it('does not ask for thoughts that do not fit under the output limit', () => {
    const { body, warnings } = convert({ reasoningEffort: 'low', maxOutputTokens: 1_024 }, 'claude-haiku-4-5');
    expect(body).not.toHaveProperty('thinking');
    expect(warnings).toEqual([
      'reasoningEffort was ignored: the model needs an output limit of at least 1025 to think',
    ]);
  });

  it("takes the vendor's own options, but none that the platform answers for", () => {
    const { body, warnings } = convert({
      reasoningEffort: 'low',
      tools: [{ name: 'f', parameters: {} }],
      providerOptions: {
        anthropic: {
          ...{ max_tokens: 9_999, model: 'other', stream: true, speed: 'fast' },
          ...{ output_config: { effort: 'max' }, metadata: { user_id: 'u' } },
          tools: [{ type: 'web_search_20260318', name: 'web_search', max_uses: 1 }],
        },
        google: { labels: {} },
      },
    });
    expect(body).toMatchObject({ max_tokens: 2_000, output_config: { effort: 'max' }, metadata: { user_id: 'u' } });
    expect(Object(body).tools.map(({ name }: { name: string }) => name)).toEqual(['f', 'web_search']);
    expect(body).not.toHaveProperty('labels');
    expect(warnings).toEqual(
      ['max_tokens', 'model', 'stream', 'speed'].map(
        (name) => `providerOptions.anthropic.${name} was ignored: the platform sets it`,
      ),
    );
  });
});
