import { describe, expect, it } from 'vitest';
import { openAiResponsesRequest } from '../../../../shared/contracts/http/openai/responses.ts';
import type { StreamPart } from '../../../../shared/providers/contract.ts';
import { droppedFields } from '../dropped-fields.ts';
import { clientAnswered, encode, response, taken, written } from './testing/fixtures.ts';

const NO_USAGE = { unified: undefined, raw: undefined };
const TOOLS = [{ type: 'function' as const, name: 'f', parameters: { type: 'object' }, strict: null }];
const ANSWER = response(
  {
    content: 'I look.',
    reasoning: [
      { type: 'reasoning', text: 'Hm.', signature: 'proof' },
      { type: 'reasoning', text: '', signature: 'hidden' },
    ],
    toolCalls: [
      { id: 'c1', name: 'f', arguments: '{"a":1}', signature: 'sig+/=' },
      { id: 'c2', name: 'f', arguments: '{}' },
    ],
  },
  { finishReason: 'tool-calls', sources: [{ url: 'https://a.example' }] },
);
const PARTS: StreamPart[] = [
  { type: 'reasoning-delta', text: 'Hm.' },
  { type: 'reasoning-end', signature: 'proof' },
  { type: 'reasoning-end', signature: 'hidden' },
  { type: 'text-delta', text: 'I look.' },
  { type: 'source', source: { url: 'https://a.example' } },
  { type: 'tool-call-start', id: 'c1', name: 'f' },
  { type: 'tool-call-delta', id: 'c1', argumentsDelta: '{"a":1}' },
  { type: 'tool-call-end', call: { id: 'c1', name: 'f', arguments: '{"a":1}', signature: 'sig+/=' } },
  { type: 'tool-call-start', id: 'c2', name: 'f' },
  { type: 'tool-call-end', call: { id: 'c2', name: 'f', arguments: '{}' } },
  { type: 'finish', finishReason: 'tool-calls', rawFinishReason: null, usage: NO_USAGE },
];

describe('a tool loop of OpenAI’s client', () => {
  it.each([
    ['at once', JSON.stringify(written(ANSWER)), 'application/json'],
    ['as a stream', encode([PARTS], ANSWER), 'text/event-stream'],
  ])('hands back all of an answer that came %s, signatures included', async (_, text, contentType) => {
    const client = clientAnswered(text, contentType);
    const asked = { model: 'm', tools: TOOLS, max_output_tokens: 100, store: false };
    const first = { ...asked, input: 'Look it up.' };
    const answer =
      contentType === 'application/json'
        ? await client.responses.create(first)
        : await client.responses.stream(first).finalResponse();
    const items = answer.output.flatMap((item) =>
      item.type === 'reasoning' || item.type === 'message' || item.type === 'function_call' ? [item] : [],
    );
    const results = items.flatMap((item) =>
      item.type === 'function_call'
        ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: `of ${item.arguments}` }]
        : [],
    );
    const said = { role: 'user' as const, content: first.input };
    const sent: unknown[] = [];
    const next = clientAnswered('{"output":[]}', 'application/json', sent);
    await next.responses.create({ ...asked, input: [said, ...items, ...results] });
    const { input, warnings } = taken(Object(sent[0]));
    expect(warnings).toStrictEqual([]);
    expect(droppedFields(sent[0], openAiResponsesRequest.parse(sent[0]))).toStrictEqual([]);
    expect(input.messages).toStrictEqual([
      { role: 'user', content: 'Look it up.' },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.', signature: 'proof' },
          { type: 'reasoning', text: '', signature: 'hidden' },
          { type: 'text', text: 'I look.' },
        ],
        toolCalls: [
          { id: 'c1', name: 'f', arguments: '{"a":1}', signature: 'sig+/=' },
          { id: 'c2', name: 'f', arguments: '{}' },
        ],
      },
      { role: 'tool', toolCallId: 'c1', toolName: 'f', content: 'of {"a":1}' },
      { role: 'tool', toolCallId: 'c2', toolName: 'f', content: 'of {}' },
    ]);
  });
});
