import { describe, expect, it } from 'vitest';
import type { ChatMessage, ToolCall } from '../contract.ts';
import type { Turn } from '../convert/split-system.ts';
import { convertContents } from './convert-contents.ts';

const GEMINI_3 = 'gemini-3.5-flash';
const GEMINI_2 = 'gemini-2.5-pro';
const unsupported = (thing: string) => `${thing} was ignored: the provider does not support it`;

function convert(turns: readonly Turn[], model = GEMINI_3) {
  const warnings = new Set<string>();
  return { contents: convertContents(turns, model, warnings), warnings: [...warnings] };
}

/** https://ai.google.dev/gemini-api/docs/thought-signatures */
describe('calls of an earlier turn', () => {
  const SKIP = 'skip_thought_signature_validator';
  const call = (id: string, signature?: string): ToolCall => ({
    id,
    name: 'f',
    arguments: '{}',
    ...(signature && { signature }),
  });
  const signatures = (turns: readonly (readonly ToolCall[])[], model?: string) =>
    convert(
      turns.map((toolCalls): Turn => ({ role: 'assistant', content: '', toolCalls })),
      model,
    ).contents.map(({ parts }) => parts?.map(({ thoughtSignature }) => thoughtSignature));

  it('keep their signatures, and the first one of each turn that has none is marked', () => {
    expect(
      signatures([
        [call('1'), call('2')],
        [call('3', 's'), call('4')],
        [call('5'), call('6', 't')],
      ]),
    ).toEqual([
      [SKIP, undefined],
      ['s', undefined],
      [SKIP, 't'],
    ]);
  });

  it('go back to models before Gemini 3 as they came', () => {
    expect(signatures([[call('1'), call('2', 's')]], GEMINI_2)).toEqual([[undefined, 's']]);
  });
});

/** https://ai.google.dev/gemini-api/docs/function-calling#multimodal */
it('an answer with nothing in it is left out: the API refuses an empty text', () => {
  const user: Turn = { role: 'user', content: 'hi' };
  const signed: Turn = { role: 'assistant', content: [{ type: 'reasoning', text: '', signature: 's' }] };
  const { contents } = convert([user, { role: 'assistant', content: '' }, user, signed, user]);
  const asked = { role: 'user', parts: [{ text: 'hi' }] };
  const thought = { role: 'model', parts: [{ text: '', thoughtSignature: 's' }] };
  expect(contents).toEqual([asked, asked, thought, asked]);
});

describe('a tool result in parts', () => {
  const inline = (mediaType: string) => ({ kind: 'base64', mediaType, data: 'AAAA' }) as const;
  const url = { kind: 'url', url: 'https://a.test/x' } as const;
  const content: ChatMessage['content'] & readonly object[] = [
    { type: 'text', text: 'one' },
    { type: 'image', source: inline('image/png'), detail: 'low' },
    { type: 'text', text: 'two' },
    { type: 'file', source: inline('application/pdf'), filename: 'a.pdf' },
    { type: 'image', source: url },
    { type: 'file', source: url },
  ];
  const result: Turn = { role: 'tool', toolCallId: '1', toolName: 'f', content };
  const answered = { id: '1', name: 'f', response: { output: 'one\ntwo' } };

  it('is one text, and the media that are at hand', () => {
    const parts = [
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      { inlineData: { mimeType: 'application/pdf', data: 'AAAA' } },
    ];
    expect(convert([result])).toEqual({
      contents: [{ role: 'user', parts: [{ functionResponse: { ...answered, parts } }] }],
      warnings: [
        'detail of an image in a tool result',
        'name of a file',
        'an image by its URL in a tool result',
        'a file by its URL in a tool result',
      ].map(unsupported),
    });
  });

  it('is its text alone to models before Gemini 3', () => {
    expect(convert([result], GEMINI_2)).toEqual({
      contents: [{ role: 'user', parts: [{ functionResponse: answered }] }],
      warnings: [unsupported('an image in a tool result'), unsupported('a file in a tool result')],
    });
  });
});
