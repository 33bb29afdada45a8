import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest, FilePart, ProviderAdapterV1, TextPart } from '../contract.ts';
import { mistralAdapter } from '../mistral/adapter.ts';
import { openaiAdapter } from '../openai/adapter.ts';
import { perplexityAdapter } from '../perplexity/adapter.ts';
import { answeringJson } from '../testing/answering.ts';
import { openaiCompatibleAdapter } from './adapter.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10 };
const ANSWER = { choices: [{ message: { content: 'x' }, finish_reason: 'stop' }] };

async function sent(adapter: ProviderAdapterV1, request: Partial<ChatRequest>) {
  const { options, seen } = answeringJson(ANSWER, {});
  const result = await adapter.generate({ ...REQUEST, ...request }, { ...options, baseUrl: 'https://host.example/v1' });
  return { body: seen[0]?.body, warnings: result.warnings };
}

describe('a chat request', () => {
  it('takes every option along', async () => {
    const { body, warnings } = await sent(openaiAdapter, {
      temperature: 0,
      topP: 0.9,
      frequencyPenalty: -1,
      presencePenalty: 1,
      stop: ['END'],
      seed: 7,
      reasoningEffort: 'low',
      tools: [{ name: 'look', description: 'Looks.', parameters: { type: 'object' }, strict: true }],
      toolChoice: { name: 'look' },
      parallelToolCalls: false,
      responseFormat: { type: 'json', schema: { type: 'string' }, description: 'A word.' },
    });
    expect(body).toEqual({
      model: 'test-model',
      messages: REQUEST.messages,
      max_completion_tokens: 10,
      temperature: 0,
      top_p: 0.9,
      frequency_penalty: -1,
      presence_penalty: 1,
      stop: ['END'],
      seed: 7,
      reasoning_effort: 'low',
      tools: [
        {
          type: 'function',
          function: { name: 'look', description: 'Looks.', parameters: { type: 'object' }, strict: true },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'look' } },
      parallel_tool_calls: false,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'response', schema: { type: 'string' }, description: 'A word.' },
      },
    });
    expect(warnings).toEqual([]);
  });

  it('takes turns, calls and their results along', async () => {
    const toolCalls = [{ id: 'call_1', name: 'look', arguments: '{}' }];
    const { body, warnings } = await sent(openaiAdapter, {
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'hm' },
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
          toolCalls,
        },
        { role: 'tool', toolCallId: 'call_1', toolName: 'look', content: 'nothing', isError: true },
        { role: 'assistant', content: '', toolCalls },
      ],
    });
    const tool_calls = [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } }];
    expect(body).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'assistant', content: 'ab', tool_calls },
        { role: 'tool', tool_call_id: 'call_1', content: 'nothing' },
        { role: 'assistant', content: null, tool_calls },
      ],
    });
    expect(warnings).toEqual([
      'reasoning of an earlier turn was ignored: the provider does not support it',
      'isError of a tool result was ignored: the provider does not support it',
    ]);
  });

  const pdf = { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'UERG' } } as const;
  const linked = { type: 'file', source: { kind: 'url', url: 'https://a.example/a.pdf' }, filename: 'a.pdf' } as const;

  it.each([
    [
      'openai',
      openaiAdapter,
      [{ type: 'file', file: { filename: 'file', file_data: 'data:application/pdf;base64,UERG' } }],
    ],
    [
      'mistral',
      mistralAdapter,
      [
        { type: 'document_url', document_url: 'data:application/pdf;base64,UERG' },
        { type: 'document_url', document_url: 'https://a.example/a.pdf', document_name: 'a.pdf' },
      ],
    ],
    [
      'perplexity',
      perplexityAdapter,
      [
        { type: 'file_url', file_url: { url: 'UERG' } },
        { type: 'file_url', file_url: { url: 'https://a.example/a.pdf' }, file_name: 'a.pdf' },
      ],
    ],
  ])('shows %s images and what files it can read', async (_, adapter, files) => {
    const { body, warnings } = await sent(adapter, {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' }, detail: 'low' },
            { type: 'image', source: { kind: 'url', url: 'https://a.example/a.png' } },
            pdf,
            linked,
          ],
        },
      ],
    });
    expect(body).toMatchObject({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
            { type: 'image_url', image_url: { url: 'https://a.example/a.png' } },
            ...files,
          ],
        },
      ],
    });
    const lost = adapter === openaiAdapter ? ['a file by its URL was ignored: the provider does not support it'] : [];
    expect(warnings).toEqual(lost);
  });

  const sound = (mediaType: string) =>
    ({ type: 'file', source: { kind: 'base64', mediaType, data: 'AAAA' } }) as const satisfies FilePart;
  const hearing = (...content: (TextPart | FilePart)[]): Partial<ChatRequest> => ({
    messages: [{ role: 'user', content }],
  });

  it.each([
    ['audio/wav', 'wav'],
    ['audio/mpeg', 'mp3'],
    ['audio/mp3', 'mp3'],
  ])('lets OpenAI and the servers like it hear %s as %s', async (mediaType, format) => {
    for (const adapter of [openaiAdapter, openaiCompatibleAdapter]) {
      const { body, warnings } = await sent(adapter, hearing(sound(mediaType)));
      const content = [{ type: 'input_audio', input_audio: { data: 'AAAA', format } }];
      expect(body).toMatchObject({ messages: [{ role: 'user', content }] });
      expect(warnings).toEqual([]);
    }
  });

  it.each([
    ['openai', openaiAdapter, 'audio/flac'],
    ['mistral', mistralAdapter, 'audio/wav'],
    ['perplexity', perplexityAdapter, 'audio/mpeg'],
  ])('sends %s no audio that it cannot hear', async (_, adapter, mediaType) => {
    const warning = `a file of type ${mediaType} was ignored: the provider does not support it`;
    const text = { type: 'text', text: 'Listen.' } as const;
    expect(await sent(adapter, hearing(text, sound(mediaType)))).toMatchObject({
      body: { messages: [{ content: [text] }] },
      warnings: [warning],
    });
    await expect(sent(adapter, hearing(sound(mediaType)))).rejects.toMatchObject({
      kind: 'validation',
      vendorMessage: `a message has nothing in it that the provider can read: ${warning}`,
    });
  });

  it('warns that a sound has no name', async () => {
    for (const adapter of [openaiAdapter, openaiCompatibleAdapter]) {
      expect((await sent(adapter, hearing({ ...sound('audio/mpeg'), filename: 'call.mp3' }))).warnings).toEqual([
        'name of a file was ignored: the provider does not support it',
      ]);
    }
  });

  it('leaves out what an assistant said where nothing of it can be told', async () => {
    const thought: ChatMessage = { role: 'assistant', content: [{ type: 'reasoning', text: 'hm' }] };
    const { body, warnings } = await sent(openaiAdapter, { messages: [thought, ...REQUEST.messages] });
    expect(body).toMatchObject({ messages: REQUEST.messages });
    expect(warnings).toEqual(['reasoning of an earlier turn was ignored: the provider does not support it']);
  });

  it('sends the texts of a tool result as one, and warns once of each kind that it leaves out', async () => {
    const image = { type: 'image', source: { kind: 'url', url: 'https://a.example/a.png' } } as const;
    const { body, warnings } = await sent(openaiAdapter, {
      messages: [
        { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'look', arguments: '{}' }] },
        {
          role: 'tool',
          toolCallId: 'call_1',
          toolName: 'look',
          content: [{ type: 'text', text: 'one' }, image, { type: 'text', text: 'two' }, image, pdf],
        },
      ],
    });
    expect(Object(body).messages[1]).toEqual({ role: 'tool', content: 'one\ntwo', tool_call_id: 'call_1' });
    expect(warnings).toEqual(
      ['an image in a tool result', 'a file in a tool result'].map(
        (thing) => `${thing} was ignored: the provider does not support it`,
      ),
    );
  });

  it.each([
    ['text', { type: 'text' }, { type: 'text' }],
    ['json', { type: 'json' }, { type: 'json_object' }],
    [
      'a schema that can be enforced',
      { type: 'json', name: 'none', schema: { type: 'object', properties: {}, additionalProperties: false } },
      {
        type: 'json_schema',
        json_schema: {
          name: 'none',
          schema: { type: 'object', properties: {}, additionalProperties: false },
          strict: true,
        },
      },
    ],
  ] as const)('asks OpenAI for %s', async (_, responseFormat, expected) => {
    expect((await sent(openaiAdapter, { responseFormat })).body).toMatchObject({ response_format: expected });
  });

  const enforceable = { type: 'object', properties: {}, additionalProperties: false };
  it.each([
    ['openai', openaiAdapter],
    ['openai-compatible', openaiCompatibleAdapter],
    ['mistral', mistralAdapter],
    ['perplexity', perplexityAdapter],
  ])(
    'asks %s to enforce a schema where the caller does, and not to where it does not want that',
    async (_, adapter) => {
      for (const [schema, strict] of [
        [{ type: 'object' }, true],
        [enforceable, false],
      ] as const) {
        const { body, warnings } = await sent(adapter, { responseFormat: { type: 'json', schema, strict } });
        const json_schema = { name: 'response', schema, strict };
        expect(Object(body).response_format).toEqual({ type: 'json_schema', json_schema });
        expect(warnings).toEqual([]);
      }
    },
  );

  it.each(['auto', 'none', 'required'] as const)('asks OpenAI for tool choice %s', async (toolChoice) => {
    expect((await sent(openaiAdapter, { toolChoice })).body).toMatchObject({ tool_choice: toolChoice });
  });

  it("merges the vendor's own options into the body, and no other vendor's", async () => {
    const openai = { verbosity: 'low', temperature: 1, stop: ['b'], response_format: { json_schema: { name: 'n' } } };
    const { body, warnings } = await sent(openaiAdapter, {
      temperature: 0,
      stop: ['a'],
      responseFormat: { type: 'json', schema: { type: 'object' } },
      providerOptions: { openai, mistral: { safe_prompt: true } },
    });
    expect(body).toMatchObject({
      verbosity: 'low',
      temperature: 1,
      stop: ['a', 'b'],
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' } } },
    });
    expect(body).not.toHaveProperty('safe_prompt');
    expect(warnings).toEqual([]);
  });

  it.each([
    'model',
    'messages',
    'stream',
    'stream_options',
    'max_tokens',
    'max_completion_tokens',
    'n',
    'service_tier',
    'modalities',
    'audio',
    'best_of',
    'web_search_options',
  ])("does not let the vendor's own options set %s, on which the bound rests", async (name) => {
    const plain = await sent(openaiAdapter, {});
    const { body, warnings } = await sent(openaiAdapter, { providerOptions: { openai: { [name]: 9 } } });
    expect(body).toEqual(plain.body);
    expect(warnings).toEqual([`providerOptions.openai.${name} was ignored: the platform sets it`]);
  });

  it('warns of what the vendor lacks', async () => {
    expect(await sent(openaiCompatibleAdapter, { topK: 5 })).toEqual({
      body: { model: 'test-model', messages: REQUEST.messages, max_tokens: 10 },
      warnings: ['topK was ignored: the provider does not support it'],
    });
  });
});

describe('the bound', () => {
  it('covers media, tools, schemas and options, and the searches of a vendor that bills them', () => {
    const base = openaiAdapter.bound(REQUEST).inputTokens;
    const parts = { image: { type: 'image', source: { kind: 'url', url: 'https://a.example' } } } as const;
    const more = (over: Partial<ChatRequest>) => openaiAdapter.bound({ ...REQUEST, ...over }).inputTokens - base;
    expect(more({ messages: [{ role: 'user', content: [parts.image, parts.image] }] })).toBeGreaterThan(2 * 48_000);
    expect(more({ tools: [{ name: 'a', parameters: { description: 'x'.repeat(500) } }] })).toBeGreaterThan(500);
    expect(more({ responseFormat: { type: 'json', schema: { title: 'x'.repeat(500) } } })).toBeGreaterThan(500);
    expect(more({ providerOptions: { openai: { x: 'x'.repeat(500) } } })).toBeGreaterThan(500);
    expect(more({ providerOptions: { mistral: { x: 'x'.repeat(500) } } })).toBe(0);
    expect(openaiAdapter.bound(REQUEST)).not.toHaveProperty('searches');
    expect(perplexityAdapter.bound(REQUEST)).toMatchObject({ outputTokens: 10, searches: 100 });
  });
});
