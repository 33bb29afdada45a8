import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest } from '../contract.ts';
import { googleAdapter } from './adapter.ts';
import { convertRequest } from './convert-request.ts';

const REQUEST: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 10 };

const convert = (over: Partial<ChatRequest>, model = 'gemini-3.5-flash') =>
  convertRequest({ ...REQUEST, ...over }, model);
const unsupported = (thing: string) => `${thing} was ignored: the provider does not support it`;

describe('a request to Gemini', () => {
  /** https://ai.google.dev/api/generate-content#v1beta.GenerationConfig */
  it('has every sampling option, and system messages ahead of the conversation', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: 'one' },
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'hello' },
      { role: 'system', content: 'two' },
    ];
    const sampling = { temperature: 0, topP: 0.5, topK: 3, seed: 1, frequencyPenalty: 1, presencePenalty: 2 };
    expect(convert({ messages, stop: ['.'], ...sampling })).toEqual({
      body: {
        contents: [
          { role: 'user', parts: [{ text: 'hi' }] },
          { role: 'model', parts: [{ text: 'hello' }] },
        ],
        systemInstruction: { parts: [{ text: 'one' }, { text: 'two' }] },
        generationConfig: { maxOutputTokens: 10, stopSequences: ['.'], ...sampling },
      },
      warnings: ['system messages were moved ahead of the conversation'],
    });
  });

  /**
   * https://ai.google.dev/gemini-api/docs/thought-signatures
   * https://ai.google.dev/api/caching#FunctionResponse
   */
  it('hands thoughts, signatures, calls and results back, those of parallel calls in one content', () => {
    const result = (toolCallId: string, isError = false): ChatMessage => ({
      role: 'tool',
      toolCallId,
      toolName: 'f',
      content: 'done',
      isError,
    });
    const messages: ChatMessage[] = [
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.', signature: 'sigA' },
          { type: 'reasoning', text: '', signature: 'sigB' },
          { type: 'text', text: 'Sure.' },
        ],
        toolCalls: [
          { id: '1', name: 'f', arguments: '{"a":1}', signature: 'sigC' },
          { id: '2', name: 'f', arguments: '[' },
        ],
      },
      result('1'),
      result('2', true),
      { role: 'assistant', content: '', toolCalls: [{ id: '3', name: 'f', arguments: '' }] },
      result('3'),
    ];
    const answered = (id: string, response: object) => ({ functionResponse: { id, name: 'f', response } });
    expect(convert({ messages }).body).toMatchObject({
      contents: [
        {
          role: 'model',
          parts: [
            { text: 'Hm.', thought: true, thoughtSignature: 'sigA' },
            { text: '', thoughtSignature: 'sigB' },
            { text: 'Sure.' },
            { functionCall: { id: '1', name: 'f', args: { a: 1 } }, thoughtSignature: 'sigC' },
            { functionCall: { id: '2', name: 'f', args: { INVALID_JSON: '[' } } },
          ],
        },
        { role: 'user', parts: [answered('1', { output: 'done' }), answered('2', { error: 'done' })] },
        { role: 'model', parts: [{ functionCall: { id: '3', name: 'f', args: {} } }] },
        { role: 'user', parts: [answered('3', { output: 'done' })] },
      ],
    });
  });

  /** https://ai.google.dev/gemini-api/docs/file-input-methods */
  it('sends media inline or by URL', () => {
    const content: ChatMessage['content'] & readonly object[] = [
      { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' }, detail: 'low' },
      { type: 'image', source: { kind: 'url', url: 'https://a.test/x' }, detail: 'auto' },
      { type: 'file', source: { kind: 'url', url: 'https://a.test/y' }, filename: 'y.pdf' },
      { type: 'file', source: { kind: 'url', url: 'https://a.test/z', mediaType: 'video/mp4' } },
    ];
    const { body, warnings } = convert({ messages: [{ role: 'user', content }] });
    expect(Object(body).contents[0].parts).toEqual([
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      { fileData: { mimeType: 'image/jpeg', fileUri: 'https://a.test/x' } },
      { fileData: { mimeType: 'application/pdf', fileUri: 'https://a.test/y' } },
      { fileData: { mimeType: 'video/mp4', fileUri: 'https://a.test/z' } },
    ]);
    expect(warnings).toEqual(['detail of an image', 'name of a file'].map(unsupported));
  });

  /** https://ai.google.dev/gemini-api/docs/function-calling */
  it('describes tools by JSON Schema', () => {
    const parameters = { type: 'object', properties: { a: { type: 'string', pattern: 'x' } } };
    const { body, warnings } = convert({
      tools: [
        { name: 'f', description: 'does', parameters },
        { name: 'g', parameters: {} },
      ],
      parallelToolCalls: false,
    });
    expect(Object(body).tools).toEqual([
      {
        functionDeclarations: [
          {
            name: 'f',
            description: 'does',
            parametersJsonSchema: {
              type: 'object',
              properties: { a: { type: 'string', description: 'pattern: "x"' } },
            },
          },
          { name: 'g', parametersJsonSchema: {} },
        ],
      },
    ]);
    expect(warnings).toEqual([
      unsupported('parallelToolCalls false'),
      'the provider does not enforce pattern of a schema: the model is only told of it',
    ]);
  });

  it.each([
    [undefined, false, undefined],
    [undefined, true, { mode: 'VALIDATED' }],
    ['auto', false, { mode: 'AUTO' }],
    ['auto', true, { mode: 'VALIDATED' }],
    ['none', true, { mode: 'NONE' }],
    ['required', false, { mode: 'ANY' }],
    [{ name: 'f' }, false, { mode: 'ANY', allowedFunctionNames: ['f'] }],
  ] as const)('turns the tool choice %j, strict %j, into %j', (toolChoice, strict, expected) => {
    const tools = [{ name: 'f', parameters: {}, strict }];
    const { body } = convert({ tools, ...(toolChoice && { toolChoice }) });
    expect(Object(body).toolConfig).toEqual(expected && { functionCallingConfig: expected });
  });

  /** https://ai.google.dev/gemini-api/docs/structured-output */
  it('asks for JSON, of a schema or of any', () => {
    const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] };
    const config = (responseFormat: NonNullable<ChatRequest['responseFormat']>) =>
      Object(convert({ responseFormat }).body).generationConfig;
    const json = { maxOutputTokens: 10, responseMimeType: 'application/json' };
    expect(config({ type: 'json', schema, name: 'x' })).toEqual({ ...json, responseJsonSchema: schema });
    expect(config({ type: 'json' })).toEqual(json);
    expect(config({ type: 'text' })).toEqual({ maxOutputTokens: 10 });
    const described = convert({ responseFormat: { type: 'json', schema, description: 'A number.' } });
    expect(described.warnings).toEqual([unsupported('description of a responseFormat')]);
  });

  /** https://ai.google.dev/gemini-api/docs/thinking */
  it.each([
    ['gemini-2.5-flash', 'none', { thinkingBudget: 0 }, 0],
    ['gemini-2.5-pro', 'medium', { thinkingBudget: 8_192, includeThoughts: true }, 0],
    ['gemini-3.5-flash-lite', 'high', { thinkingLevel: 'HIGH', includeThoughts: true }, 0],
    ['gemini-of-tomorrow', 'low', { thinkingLevel: 'LOW', includeThoughts: true }, 0],
    ['gemini-3-pro', 'none', { thinkingLevel: 'LOW' }, 1],
    ['gemini-2.5-pro', 'none', { thinkingBudget: 1_024 }, 1],
  ] as const)('asks %s for effort %s', (model, reasoningEffort, thinkingConfig, warnings) => {
    const converted = convert({ reasoningEffort }, model);
    expect(converted.body).toMatchObject({ generationConfig: { thinkingConfig } });
    expect(Object(converted.body).generationConfig.thinkingConfig).toEqual(thinkingConfig);
    expect(converted.warnings).toHaveLength(warnings);
  });

  it("takes the vendor's own options, but none that the platform answers for", () => {
    const { body, warnings } = convert({
      topK: 1,
      tools: [{ name: 'f', parameters: {} }],
      providerOptions: {
        google: {
          tools: [{ googleSearch: {} }],
          safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
          generationConfig: { topK: 2, maxOutputTokens: 9_999, candidateCount: 8 },
          generation_config: { max_output_tokens: 9_999 },
        },
      },
    });
    expect(body).toMatchObject({
      tools: [{ functionDeclarations: [{ name: 'f' }] }, { googleSearch: {} }],
      safetySettings: [{ threshold: 'BLOCK_NONE' }],
      generationConfig: { topK: 2, maxOutputTokens: 10 },
    });
    expect(JSON.stringify(body)).not.toContain('9999');
    expect(warnings).toHaveLength(3);
  });
});

it('the bound of a request to Gemini covers its media', () => {
  const source = { kind: 'url', url: 'https://a.test/x' } as const;
  const of = (...content: { type: 'image' | 'file'; source: typeof source }[]) =>
    googleAdapter.bound({ ...REQUEST, messages: [{ role: 'user', content }] }).inputTokens;
  expect(of({ type: 'image', source }) - of()).toBeGreaterThanOrEqual(2_240);
  expect(of({ type: 'file', source }) - of()).toBeGreaterThanOrEqual(1_048_576);
});
